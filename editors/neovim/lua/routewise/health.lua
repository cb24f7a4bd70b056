--- `:checkhealth routewise`
local M = {}

local health = vim.health

--- What a program prints; `nil` and the reason where it fails.
local function output(command)
  local ok, done = pcall(function()
    return vim.system(command, { text = true }):wait(10000)
  end)
  if not ok then
    return nil, tostring(done)
  end
  if done.code ~= 0 then
    return nil, vim.trim(done.stderr or '')
  end
  return vim.trim(done.stdout)
end

function M.check()
  health.start('Neovim')
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok(tostring(vim.version()))
  else
    health.error(('%s is too old'):format(vim.version()), 'Install Neovim 0.11 or newer')
    return
  end

  health.start('Server')
  local clients = vim.lsp.get_clients({ name = 'routewise' })
  local root = clients[1] and clients[1].root_dir or vim.fs.root(0, { 'package.json', '.git' })
  local program = require('routewise').program(root)
  if not program then
    health.error('`routewise` is neither in node_modules/.bin of the project nor on the PATH', {
      'Run `cargo install --path server/cli` in a clone of https://github.com/routewise/routewise',
      "Or name it: vim.lsp.config('routewise', { cmd = { '/path/to/routewise', 'lsp' } })",
    })
  else
    local version, problem = output({ program, '--version' })
    if version then
      health.ok(('%s (%s)'):format(version, program))
    else
      health.error(('%s does not run: %s'):format(program, problem), 'Remove it, or install it anew')
    end
  end
  if not vim.lsp.is_enabled or vim.lsp.is_enabled('routewise') then
    health.ok('it is enabled')
  else
    health.warn('it is not enabled', "Call vim.lsp.enable('routewise')")
  end
  if #clients == 0 then
    health.info('it does not run: no JavaScript or TypeScript file is open')
  end
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    health.ok(('it runs for %d buffer(s) in %s'):format(buffers, client.root_dir or 'no folder'))
  end

  if not (program and root) then
    return
  end
  health.start('Project')
  local told, problem = output({ program, 'target', root, '--color', 'never' })
  if told then
    health.info(told)
  else
    health.error(problem)
  end
end

return M
