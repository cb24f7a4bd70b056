; `hashSync()`, `readFileSync()`, `execSync()` and their like, in code that runs for each request.
((call_expression
  function: (_) @callee) @at
  (#match? @callee "Sync$")
  (#asks? @at "burns-cpu")
  (#not-kept? @at)
  (#scope? @at "request")
  (#reached-by? @at "app-route" "pages-api" "server-action" "proxy" "express"))
