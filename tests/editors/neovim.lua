-- Driven by tests/tests/editors/neovim.rs: ends with code 0 when everything held, else tells what did not.
local PATIENCE = 30000
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

local function client()
  return vim.lsp.get_clients({ name = 'routewise' })[1]
end

local function found(buffer)
  return vim.tbl_filter(function(diagnostic) return diagnostic.source == 'routewise' end, vim.diagnostic.get(buffer))
end

local LEVELS = { 'error', 'warning', 'information', 'hint' }
local root = vim.fn.getcwd()
local files = vim.split(vim.env.ROUTEWISE_FILES, '\n')

-- What a person answers and reads, kept for the tests.
local asked, said = nil, {}
vim.ui.select = function(items, options, choose) asked = { items = items, options = options, choose = choose } end
vim.notify = function(message) said[#said + 1] = message end

local function session()
  local buffer = vim.api.nvim_get_current_buf()
  soon(function() return client() and client().initialized end, 'the plugin attaches the server')
  holds(client().root_dir == root, 'in the folder of the package', client().root_dir)
  soon(function() return vim.g.workspace_read end, 'the workspace is read')

  local seen = {}
  for _, file in ipairs(files) do
    vim.cmd.edit(file)
    local here = vim.api.nvim_get_current_buf()
    soon(function() return #found(here) > 0 end, 'a finding in ' .. file)
    for _, diagnostic in ipairs(found(here)) do
      seen[#seen + 1] = {
        path = file,
        line = diagnostic.lnum,
        character = diagnostic.col,
        severity = LEVELS[diagnostic.severity],
        code = diagnostic.code,
        message = diagnostic.message,
      }
    end
  end
  vim.fn.writefile({ vim.json.encode(seen) }, vim.env.ROUTEWISE_SEEN)

  vim.cmd.buffer(buffer)
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

  vim.cmd('Routewise explain')
  soon(function() return vim.api.nvim_buf_get_name(0):find('clients/prisma-client-per-request', 1, true) end,
    ':Routewise explain shows the rule of the finding under the cursor', function() return said end)
  holds(vim.bo.filetype == 'markdown' and vim.api.nvim_buf_line_count(0) > 10, 'as Markdown to read')
  vim.cmd('close')

  vim.cmd('Routewise routes')
  soon(function() return asked end, ':Routewise routes asks which')
  local shown = vim.tbl_map(asked.options.format_item, asked.items)
  holds(#shown == 4 and shown[2]:find('GET +/api/export +app/api/export/route.ts:3'), 'by method, URL and place', shown)
  asked.choose(asked.items[2])
  holds(vim.fn.expand('%:.') == 'app/api/export/route.ts' and vim.fn.line('.') == 3, 'and goes there', vim.fn.expand('%'))

  vim.cmd.edit('components/download.tsx')
  vim.fn.search('/api/export')
  vim.lsp.buf.definition()
  soon(function() return vim.fn.expand('%:.') == 'app/api/export/route.ts' end, 'a URL leads to its handler',
    function() return vim.fn.expand('%:.') end)
  holds(vim.fn.line('.') == 3 and vim.fn.expand('<cword>') == 'GET', 'and to the function itself', vim.fn.getpos('.'))

  vim.cmd('Routewise! routes')
  soon(function() return #vim.fn.getqflist() == 4 end, ':Routewise! routes fills the quickfix list', vim.fn.getqflist)
  local third = vim.fn.getqflist()[3]
  holds(third.text == 'GET /api/report' and third.type == 'E' and third.lnum == 4, 'with verdicts', third)
  vim.cmd('cclose')

  holds(vim.deep_equal(vim.fn.getcompletion('Routewise e', 'cmdline'), { 'explain' }), 'commands are completed')
  local rules = vim.fn.getcompletion('Routewise explain clients/prisma-client-p', 'cmdline')
  holds(vim.deep_equal(rules, { 'clients/prisma-client-per-request' }), 'rules are completed', rules)
  vim.cmd('Routewise hints')
  holds(vim.lsp.inlay_hint.is_enabled({ bufnr = 0 }), ':Routewise hints switches inlay hints on')
  vim.cmd('Routewise nonsense')
  holds(said[#said]:find('there is no `nonsense`', 1, true), 'a wrong command says which there are', said)

  vim.cmd('checkhealth routewise')
  local health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  holds(health:find('OK routewise %d') and health:find('it runs for') and health:find('known from +vercel.json'),
    ':checkhealth says which server runs and what it takes for the host', health)
  holds(not health:find('ERROR') and not health:find('WARNING'), 'and that all is well', health)
  vim.cmd('close')
  vim.cmd('helptags ' .. vim.fs.joinpath(vim.env.ROUTEWISE_REPOSITORY, 'editors/neovim/doc'))
  vim.cmd('help :Routewise-explain')
  holds(vim.bo.filetype == 'help', 'there is help')
  vim.cmd('close')
  vim.fn.delete(vim.fs.joinpath(vim.env.ROUTEWISE_REPOSITORY, 'editors/neovim/doc/tags'))

  vim.cmd.buffer(buffer)
  vim.api.nvim_win_set_cursor(0, { 5, 22 })
  local titles = {}
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      titles[#titles + 1] = action.title
      return action.isPreferred == true
    end,
  })
  soon(function() return #found(buffer) == 0 end, 'the preferred action mends it', function()
    return { titles = titles, lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false) }
  end)
  vim.cmd('silent write')

  vim.cmd.edit(files[2])
  local second = vim.api.nvim_get_current_buf()
  vim.cmd('Routewise fix')
  soon(function() return #found(second) == 0 end, ':Routewise fix mends the buffer')
  vim.cmd('silent write')

  vim.fn.writefile({ '{ "target": "versel" }' }, 'routewise.json')
  local function problems() return found(vim.fn.bufadd(vim.fs.joinpath(root, 'routewise.json'))) end
  soon(function() return #problems() == 1 end, 'a broken configuration is shown')
  holds(problems()[1].message:find('did you mean `vercel`', 1, true), 'with what was meant', problems())
  vim.fn.writefile({ '{ "target": "vercel" }' }, 'routewise.json')
  soon(function() return #problems() == 0 end, 'and gone when it is mended')
  vim.fn.delete('routewise.json')

  vim.cmd.edit(files[3])
  local third_buffer = vim.api.nvim_get_current_buf()
  local before = client().id
  vim.fn.system({ 'pkill', '-KILL', '-P', tostring(vim.fn.getpid()), '-x', 'routewise' })
  soon(function() return not client() end, 'the server was killed')
  vim.diagnostic.reset(nil, third_buffer)
  vim.cmd('Routewise restart')
  soon(function() return client() and client().id ~= before and client().initialized end, ':Routewise restart starts another')
  soon(function() return #found(third_buffer) == 1 end, 'which finds the same')

  local last = client()
  last:stop()
  soon(function() return last:is_stopped() end, 'the server stops when it is asked to')
end

local function main()
  local ran, problem = xpcall(session, debug.traceback)
  holds(ran, 'the session ran to its end', problem)
  if failed > 0 then
    local log = vim.fn.readfile(vim.lsp.log.get_filename())
    io.stdout:write('--- lsp.log\n' .. table.concat(log, '\n'):sub(-6000) .. '\n')
    vim.cmd('cquit 1')
  end
  vim.cmd('qall!')
end

-- As a person comes in: when Neovim has started.
vim.api.nvim_create_autocmd('VimEnter', { once = true, callback = vim.schedule_wrap(main) })
