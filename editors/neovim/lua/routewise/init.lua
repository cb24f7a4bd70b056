--- What `:Routewise` does. Each part is a function too, for mappings.
local M = {}

local NAME = 'routewise'

---@param message string
---@param level? integer
local function say(message, level)
  vim.notify('Routewise: ' .. message, level or vim.log.levels.INFO)
end

--- The client of a buffer, else any.
---@param buffer? integer
---@return vim.lsp.Client?
local function client_of(buffer)
  return vim.lsp.get_clients({ name = NAME, bufnr = buffer or 0 })[1] or vim.lsp.get_clients({ name = NAME })[1]
end

---@param buffer? integer
---@return vim.lsp.Client?
local function running(buffer)
  local client = client_of(buffer)
  if not client then
    say('the server does not run here; `:checkhealth routewise` says why', vim.log.levels.WARN)
  end
  return client
end

--- The program: the one of the project, else the one on the path.
---@param root? string
---@return string? program `nil` where there is none
function M.program(root)
  if root then
    local own = vim.fs.joinpath(root, 'node_modules', '.bin', NAME)
    if vim.fn.executable(own) == 1 then
      return own
    end
  end
  return vim.fn.executable(NAME) == 1 and vim.fn.exepath(NAME) or nil
end

--- A route as a line of text.
local function shown(route)
  local methods = #route.methods > 0 and table.concat(route.methods, ',') or '*'
  local file = vim.fn.fnamemodify(vim.uri_to_fname(route.uri), ':.')
  return ('%-8s %s  %s:%d'):format(methods, route.url, file, route.range.start.line + 1)
end

local KINDS = { error = 'E', warning = 'W', information = 'I', hint = 'N' }

--- Asks for every route.
---@param use fun(routes: table[], client: vim.lsp.Client)
local function ask(use)
  local client = running()
  if not client then
    return
  end
  client:request('routewise/overview', vim.empty_dict(), function(problem, answer)
    if problem then
      say(problem.message, vim.log.levels.ERROR)
    elseif #answer.routes == 0 then
      say('no routes were found')
    else
      use(answer.routes, client)
    end
  end)
end

--- Has a route picked with `vim.ui.select`, and goes to it.
function M.routes()
  ask(function(routes, client)
    vim.ui.select(routes, { prompt = 'Routes', kind = NAME, format_item = shown }, function(route)
      if route then
        local location = { uri = route.uri, range = route.range }
        vim.lsp.util.show_document(location, client.offset_encoding, { focus = true })
      end
    end)
  end)
end

--- Puts every route into the quickfix list.
function M.quickfix()
  ask(function(routes, client)
    local locations = vim.tbl_map(function(route)
      return { uri = route.uri, range = route.range, user_data = route }
    end, routes)
    local items = vim.lsp.util.locations_to_items(locations, client.offset_encoding)
    for _, item in ipairs(items) do
      local route = item.user_data.user_data
      local methods = #route.methods > 0 and table.concat(route.methods, ',') or '*'
      item.text = ('%s %s'):format(methods, route.url)
      item.type = route.verdict and KINDS[route.verdict] or ''
      item.user_data = nil
    end
    vim.fn.setqflist({}, ' ', { title = 'Routes', items = items })
    vim.cmd('botright copen')
  end)
end

--- The rule of the finding under the cursor, else of the first one in its line.
---@return string?
local function rule_here()
  local line, column = unpack(vim.api.nvim_win_get_cursor(0))
  local found = vim.tbl_filter(function(diagnostic)
    return diagnostic.source == NAME and type(diagnostic.code) == 'string'
  end, vim.diagnostic.get(0, { lnum = line - 1 }))
  for _, diagnostic in ipairs(found) do
    if diagnostic.col <= column and column < diagnostic.end_col then
      return diagnostic.code
    end
  end
  return found[1] and found[1].code
end

--- Runs the program and hands over what it printed.
---@param arguments string[]
---@param use fun(out: string)
local function run(arguments, use)
  local client = client_of()
  local program = M.program(client and client.root_dir)
  if not program then
    say('`routewise` is neither in node_modules nor on the PATH', vim.log.levels.ERROR)
    return
  end
  local command = vim.iter({ program, arguments, '--color', 'never' }):flatten():totable()
  vim.system(command, { text = true, cwd = client and client.root_dir }, vim.schedule_wrap(function(done)
    if done.code == 0 then
      use(done.stdout)
    else
      say(vim.trim(done.stderr), vim.log.levels.ERROR)
    end
  end))
end

--- A buffer of Markdown that `q` closes.
---@param name string
---@param text string
local function document(name, text)
  local known = vim.fn.bufnr('^' .. vim.fn.escape(name, '[]*?') .. '$')
  if known ~= -1 then
    vim.api.nvim_buf_delete(known, { force = true })
  end
  vim.cmd('botright new')
  local buffer = vim.api.nvim_get_current_buf()
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(vim.trim(text), '\n'))
  pcall(vim.api.nvim_buf_set_name, buffer, name)
  vim.bo[buffer].buftype = 'nofile'
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = 'markdown'
  vim.bo[buffer].modifiable = false
  vim.keymap.set('n', 'q', '<cmd>close<cr>', { buffer = buffer, desc = 'Close' })
end

--- Shows all that is known of a rule: the one that is named, else the one of the finding under the cursor.
---@param rule? string
function M.explain(rule)
  rule = rule or rule_here()
  if not rule then
    say('there is no finding in this line; name a rule, as in `:Routewise explain clients/db-client-per-request`')
    return
  end
  run({ 'explain', rule }, function(out)
    document('routewise://' .. rule, out)
  end)
end

--- Says whether the routes belong in Next.js, in a persistent process, or some here and some there.
function M.decide()
  local client = running()
  if not client then
    return
  end
  client:request('routewise/decision', { format = 'markdown' }, function(problem, answer)
    if problem then
      say(problem.message, vim.log.levels.ERROR)
    else
      document('routewise://decision', answer.markdown)
    end
  end)
end

--- Applies every fix that is safe in this buffer.
function M.fix()
  local client = running()
  if client then
    local uri = vim.uri_from_bufnr(0)
    client:exec_cmd({ title = 'Fix all', command = 'routewise.fixAll', arguments = { uri } }, { bufnr = 0 })
  end
end

--- Shows inlay hints in this buffer, or hides them.
function M.hints()
  local shows = vim.lsp.inlay_hint.is_enabled({ bufnr = 0 })
  vim.lsp.inlay_hint.enable(not shows, { bufnr = 0 })
  local client = not shows and running()
  if client then
    -- The server has some for those who want them only.
    client.settings = vim.tbl_deep_extend('force', client.settings or {}, { routewise = { inlayHints = true } })
    client:notify('workspace/didChangeConfiguration', { settings = client.settings })
  end
  say(shows and 'inlay hints are off' or 'inlay hints are on')
end

--- Shows code lenses in this buffer, or hides them.
function M.lens()
  local client = running()
  if not client then
    return
  end
  if not client:supports_method('textDocument/codeLens') then
    say('this version of the server has no code lenses')
    return
  end
  local shows
  if vim.lsp.codelens.enable then
    shows = vim.lsp.codelens.is_enabled({ bufnr = 0 })
    vim.lsp.codelens.enable(not shows, { bufnr = 0 })
  else
    -- Before 0.12 they are shown once and renewed by hand.
    local group = vim.api.nvim_create_augroup('routewise.lens', { clear = true })
    shows = vim.b.routewise_lens
    vim.b.routewise_lens = not shows
    if shows then
      vim.lsp.codelens.clear(nil, 0)
    else
      local refresh = function()
        vim.lsp.codelens.refresh({ bufnr = 0 })
      end
      vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, { group = group, buffer = 0, callback = refresh })
      refresh()
    end
  end
  say(shows and 'code lenses are off' or 'code lenses are on')
end

--- Starts the server anew.
function M.restart()
  vim.lsp.enable(NAME, false)
  local stopped = vim.wait(3000, function()
    return #vim.lsp.get_clients({ name = NAME }) == 0
  end, 20)
  if not stopped then
    for _, client in ipairs(vim.lsp.get_clients({ name = NAME })) do
      client:stop(true)
    end
  end
  vim.lsp.enable(NAME)
end

---@type table<string, fun(bang: boolean, rest?: string)>
local COMMANDS = {
  decide = M.decide,
  routes = function(bang)
    if bang then
      M.quickfix()
    else
      M.routes()
    end
  end,
  explain = function(_, rule)
    M.explain(rule)
  end,
  fix = M.fix,
  hints = M.hints,
  lens = M.lens,
  restart = M.restart,
}

--- `:Routewise`.
function M.command(command)
  local name, rest = command.fargs[1] or 'routes', command.fargs[2]
  local run_it = COMMANDS[name]
  if not run_it then
    say(('there is no `%s`; there are %s'):format(name, table.concat(vim.fn.sort(vim.tbl_keys(COMMANDS)), ', ')), vim.log.levels.ERROR)
    return
  end
  run_it(command.bang, rest)
end

--- What can follow `:Routewise`.
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line), '%s+')
  local candidates = {}
  if #words < 2 or (#words == 2 and lead ~= '') then
    candidates = vim.fn.sort(vim.tbl_keys(COMMANDS))
  elseif words[2] == 'explain' then
    local client = client_of()
    local program = M.program(client and client.root_dir)
    local done = program and vim.system({ program, 'rules', '--format', 'json' }, { text = true }):wait(2000)
    if done and done.code == 0 then
      local ok, answer = pcall(vim.json.decode, done.stdout)
      for _, rule in ipairs(ok and (answer.rules or answer) or {}) do
        candidates[#candidates + 1] = rule.id
      end
    end
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

return M
