; `hashSync()`, `readFileSync()`, `execSync()` and their like, in code that runs for each request.
((call_expression
  function: (_) @callee) @at
  (#match? @callee "Sync$")
  (#asks? @at "burns-cpu")
  (#not-kept? @at)
  (#scope? @at "request")
  (#reached-by? @at "app-route" "pages-api" "server-action" "proxy" "express")
  (#advises? "Use its asynchronous form"))

; `for (let i = 0; i < 1e9; i++)`, alone or with a loop inside.
((for_statement
  "for" @at @callee) @loop
  (#runs-often? @loop "10000000")
  (#scope? @at "request")
  (#reached-by? @at "app-route" "pages-api" "server-action" "proxy" "express")
  (#says? "goes round ten million times or more while every other request waits")
  (#advises? "Do it on a thread of its own (`worker_threads`), or in a job"))

; `while (Date.now() < end) {}`.
((while_statement
  "while" @at @callee) @loop
  (#spins? @loop)
  (#scope? @at "request")
  (#reached-by? @at "app-route" "pages-api" "server-action" "proxy" "express")
  (#says? "keeps the processor busy until the time has come, while every other request waits")
  (#advises? "Await a timer"))

; `new RegExp(query).test(text)`: whoever asks can send `(a+)+$`.
((new_expression
  constructor: (identifier) @callee) @at
  (#eq? @callee "RegExp")
  (#matched? @at)
  (#means? @callee "#RegExp")
  (#scope? @at "request")
  (#of-request? @at)
  (#reached-by? @at "app-route" "pages-api" "server-action" "proxy" "express")
  (#says? "takes its pattern from the request, and one like `(a+)+$` keeps every other request waiting for minutes")
  (#advises? "Escape the text, or look for it with `includes()`"))

; `bcryptjs` computes in JavaScript, on the thread that serves everybody.
((call_expression
  function: (_) @callee
  arguments: (arguments
    (_)
    .
    (number) @cost)) @at
  (#match? @cost "^(1[4-9]|[2-9][0-9])$")
  (#means? @callee "bcryptjs#hash" "bcryptjs#default.hash")
  (#scope? @at "request")
  (#reached-by? @at "app-route" "pages-api" "server-action" "proxy" "express")
  (#says? "computes for more than a second on the thread that serves every request, at this cost")
  (#advises? "Choose a cost of 12, or take `bcrypt`, which has threads for it"))
