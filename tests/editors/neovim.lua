-- Driven by tests/neovim.rs: ends with code 0 when everything held, else tells what did not.
local PATIENCE = 20000
local failed = 0

local function holds(condition, what, seen)
  if not condition then
    failed = failed + 1
    io.stdout:write('FAILED ' .. what .. (seen ~= nil and (': ' .. vim.inspect(seen)) or '') .. '\n')
  else
    io.stdout:write('ok ' .. what .. '\n')
  end
end

local function soon(condition, what, seen)
  holds(vim.wait(PATIENCE, condition, 20), what, seen and seen())
end

local function session()
  local buffer = vim.api.nvim_get_current_buf()
  soon(function()
    local client = vim.lsp.get_clients({ bufnr = buffer, name = 'routewise' })[1]
    return client and client.initialized
  end, 'the server is attached')
  local client = assert(vim.lsp.get_clients({ bufnr = buffer, name = 'routewise' })[1], 'no client')

  soon(function() return vim.g.workspace_read end, 'the workspace is read')

  local function diagnostics() return vim.diagnostic.get(buffer) end
  soon(function() return #diagnostics() == 1 end, 'one diagnostic appears', diagnostics)
  local first = diagnostics()[1]
  holds(first.code == 'clients/prisma-client-per-request', 'it names its rule', first.code)
  holds(first.lnum == 4 and first.col == 17 and first.end_col == 35, 'it stands at the code', first)
  holds(first.severity == vim.diagnostic.severity.ERROR, 'it is an error', first.severity)
  holds(first.message:find('Vercel', 1, true), 'it names the host', first.message)

  vim.api.nvim_win_set_cursor(0, { 5, 22 })
  vim.lsp.buf.hover()
  local function float()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then return window end
    end
  end
  soon(function() return float() ~= nil end, 'the hover opens')
  if float() then
    local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(float()), 0, -1, false)
    holds(table.concat(lines, '\n'):find('Prisma', 1, true), 'the hover explains the client', lines)
    vim.api.nvim_win_close(float(), true)
  end

  local titles = {}
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      titles[#titles + 1] = action.title
      return action.isPreferred == true
    end,
  })
  soon(function() return #diagnostics() == 0 end, 'the preferred action mends it', function()
    return { titles = titles, lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false) }
  end)

  vim.cmd('silent write')
  client:stop()
  soon(function() return client:is_stopped() end, 'the server stops when it is asked to')
end

local ran, problem = xpcall(session, debug.traceback)
holds(ran, 'the session ran to its end', problem)
if failed > 0 then
  local log = vim.fn.readfile(vim.lsp.log.get_filename())
  io.stdout:write('--- lsp.log\n' .. table.concat(log, '\n'):sub(-6000) .. '\n')
  vim.cmd('cquit 1')
end
vim.cmd('qall!')
