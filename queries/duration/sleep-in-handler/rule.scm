; `await sleep(10_000)`, `await new Promise((resolve) => setTimeout(resolve, 10_000))`.
((await_expression
  [
    (call_expression)
    (new_expression)
  ] @at)
  (#waits? @at "5000")
  (#not-by-environment? @at)
  (#scope? @at "request")
  (#waited-for? @at)
  (#reached-by? @at "app-route" "pages-api" "server-action" "proxy" "express"))
