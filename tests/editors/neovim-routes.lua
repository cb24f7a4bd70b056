-- Driven by tests/tests/editors/routes.rs: from a URL to its handler and back, and under another name.
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

--- Puts the cursor behind the first letter of a text.
local function go(text)
  vim.fn.cursor(1, 1)
  vim.fn.search('\\V' .. text, 'c')
  vim.cmd('normal! l')
end

local HANDLER = 'app/api/users/[id]/route.ts'

local function session()
  soon(function() return client() and client().initialized end, 'the plugin attaches the server')
  soon(function() return vim.g.workspace_read end, 'the workspace is read')

  go('users/$')
  vim.lsp.buf.definition()
  soon(function() return vim.fn.expand('%:.') == HANDLER end, 'a URL leads to its handler', function() return vim.fn.expand('%:.') end)
  holds(vim.fn.line('.') == 1 and vim.fn.expand('<cword>') == 'GET', 'to its very name', vim.fn.getcurpos())
  soon(function() return #vim.lsp.get_clients({ bufnr = 0, name = 'routewise' }) == 1 end, 'the server knows the handler')

  local found
  vim.lsp.buf.references(nil, { on_list = function(list) found = list.items end })
  soon(function() return found end, 'the handler is asked who calls it')
  local places = vim.tbl_map(function(item) return vim.fn.fnamemodify(item.filename, ':.') .. ':' .. item.lnum end, found or {})
  table.sort(places)
  holds(vim.deep_equal(places, { HANDLER .. ':1', 'lib/all.ts:1', 'lib/load.ts:2' }), 'and names every call', places)

  found = nil
  vim.lsp.buf.workspace_symbol('@/api/us', { on_list = function(list) found = list.items end })
  soon(function() return found end, 'routes are looked for by a part of their URL')
  holds(found and #found == 1 and found[1].text:find('GET /api/users/[id]', 1, true), 'and found', found)

  vim.fn.setqflist({})
  vim.lsp.buf.incoming_calls()
  soon(function() return #vim.fn.getqflist() == 2 end, 'the functions that ask are known', vim.fn.getqflist)
  vim.cmd('cclose')

  vim.cmd.edit('lib/load.ts')
  go('users/$')
  vim.lsp.buf.rename('people')
  local function text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') end
  soon(function() return text():find('`/api/people/${id}?page=1`', 1, true) end, 'the call has the new name', text)
  soon(function() return vim.fn.filereadable('app/api/people/[id]/route.ts') == 1 end, 'and so has the folder')
  holds(vim.fn.isdirectory('app/api/users') == 0, 'the old one is gone')
  vim.cmd('silent wall')

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
