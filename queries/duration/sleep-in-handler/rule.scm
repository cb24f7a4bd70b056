; `await sleep(10_000)`, `await new Promise((resolve) => setTimeout(resolve, 10_000))`.
((await_expression
  [
    (call_expression)
    (new_expression)
  ] @at)
  (#waits? @at "5000")
  (#scope? @at "request")
  (#reached-by? @at "app-route" "pages-api" "server-action" "proxy" "express"))
