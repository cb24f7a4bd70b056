; `new ReadableStream({ start(controller) { setInterval(…) } })`, as long as the client listens.
((new_expression
  constructor: (_) @callee) @at
  (#endless-stream? @at)
  (#means? @callee "#ReadableStream" "stream/web#ReadableStream")
  (#scope? @at "request")
  (#cut-off? @at "stream"))

; A timer that writes events to a response of the Pages Router or of Express.
((call_expression
  function: (identifier) @callee) @at
  (#eq? @callee "setInterval")
  (#endless-stream? @at)
  (#in-handler? @at "pages-api" "express")
  (#scope? @at "request")
  (#cut-off? @at "stream"))

; `while (!row) { row = await find(); await sleep(1000); }`.
([
  (while_statement
    "while" @at)
  (do_statement
    "do" @at)
  (for_statement
    "for" @at)
] @loop
  (#polls-without-end? @loop)
  (#scope? @at "request")
  (#cut-off? @at "loop"))

; `io()`, `io({ … })` and `io("/chat", { … })`: a client of Socket.IO that polls its own host first.
((call_expression
  function: (_) @callee
  arguments: (arguments) @given) @at
  (#eq? @given "()")
  (#means? @callee "socket.io-client#io" "socket.io-client#default" "socket.io-client#connect")
  (#target? "vercel")
  (#says? "This client of Socket.IO begins with long polling, and its requests reach different instances of Vercel, which do not know of each other")
  (#advises? "Connect with `io({ transports: ['websocket'] })`"))

((call_expression
  function: (_) @callee
  arguments: (arguments
    .
    (object) @options
    .)) @at
  (#lacks-keys? @options "transports")
  (#means? @callee "socket.io-client#io" "socket.io-client#default" "socket.io-client#connect")
  (#target? "vercel")
  (#says? "This client of Socket.IO begins with long polling, and its requests reach different instances of Vercel, which do not know of each other")
  (#advises? "Connect with `transports: ['websocket']`"))

((call_expression
  function: (_) @callee
  arguments: (arguments
    .
    (string) @namespace
    .
    (object) @options
    .)) @at
  (#match? @namespace "^./[^/]")
  (#lacks-keys? @options "transports")
  (#means? @callee "socket.io-client#io" "socket.io-client#default" "socket.io-client#connect")
  (#target? "vercel")
  (#says? "This client of Socket.IO begins with long polling, and its requests reach different instances of Vercel, which do not know of each other")
  (#advises? "Connect with `transports: ['websocket']`"))
