---@brief
---
--- https://github.com/routewise/routewise
---
--- Tells, while you type, whether a route of Next.js or Express fits the host it runs on.
---
--- The server is the one that the project brings in `node_modules`, else `routewise` on the `PATH`:
---
--- ```sh
--- cargo install --path server/cli
--- ```
---
--- The settings are the keys of `routewise.json`; both can be used, and these win:
---
--- ```lua
--- vim.lsp.config('routewise', {
---   settings = { routewise = { target = 'vercel', rules = { clients = 'error' } } },
--- })
--- ```

-- Lists of equal rank came with 0.11.3; before, the order of the names decides.
local lockfiles = { 'pnpm-lock.yaml', 'package-lock.json', 'yarn.lock', 'bun.lock', 'bun.lockb' }
local packages = { 'routewise.json', 'routewise.jsonc', 'package.json' }
local root_markers = vim.fn.has('nvim-0.11.3') == 1 and { lockfiles, packages, '.git' }
  or vim.iter({ lockfiles, packages, { '.git' } }):flatten():totable()

---@type vim.lsp.Config
return {
  cmd = function(dispatchers, config)
    local program = 'routewise'
    local root = (config or {}).root_dir
    if root then
      local own = vim.fs.joinpath(root, 'node_modules', '.bin', program)
      if vim.fn.executable(own) == 1 then
        program = own
      end
    end
    return vim.lsp.rpc.start({ program, 'lsp' }, dispatchers)
  end,
  filetypes = { 'javascript', 'javascriptreact', 'typescript', 'typescriptreact' },
  root_markers = root_markers,
  settings = { routewise = vim.empty_dict() },
}
