-- What a user writes to try the server: plain Neovim 0.11, no plugin.
vim.opt.swapfile = false
vim.lsp.log.set_level('debug')
-- The workspace has been read when the server's progress has ended.
vim.api.nvim_create_autocmd('LspProgress', {
  pattern = 'end',
  callback = function() vim.g.workspace_read = true end,
})
vim.lsp.config('routewise', {
  cmd = { vim.env.ROUTEWISE, 'lsp' },
  filetypes = { 'typescript', 'typescriptreact', 'javascript', 'javascriptreact' },
  root_markers = { 'routewise.json', 'package.json', '.git' },
})
vim.lsp.enable('routewise')
