-- What a user writes: the plugin on the runtime path, and nothing else.
vim.opt.swapfile = false
vim.opt.runtimepath:prepend(vim.fs.joinpath(vim.env.ROUTEWISE_REPOSITORY, 'editors/neovim'))
vim.lsp.log.set_level('debug')
-- The workspace has been read when the server's progress has ended.
vim.api.nvim_create_autocmd('LspProgress', {
  pattern = 'end',
  callback = function() vim.g.workspace_read = (vim.g.workspace_read or 0) + 1 end,
})
