if vim.g.loaded_routewise then
  return
end
vim.g.loaded_routewise = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('Routewise needs Neovim 0.11 or newer', vim.log.levels.WARN)
  return
end

-- `let g:routewise_enable = v:false` leaves the starting to the user.
if vim.g.routewise_enable ~= false then
  vim.lsp.enable('routewise')
end

vim.api.nvim_create_user_command('Routewise', function(command)
  require('routewise').command(command)
end, {
  nargs = '*',
  bang = true,
  desc = 'Routes, rules and fixes of Routewise',
  complete = function(lead, line)
    return require('routewise').complete(lead, line)
  end,
})
