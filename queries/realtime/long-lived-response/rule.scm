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
