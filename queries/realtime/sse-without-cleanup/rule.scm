; `setInterval(() => controller.enqueue(…), 1000)` in a stream, or one that writes to an event stream of a response.
((call_expression
  function: (identifier) @callee) @at
  (#eq? @callee "setInterval")
  (#left-running? @at)
  (#means? @callee "#setInterval" "timers#setInterval")
  (#scope? @at "request"))

; `bus.on("message", (message) => controller.enqueue(message))`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method) @callee) @at
  (#any-of? @method "on" "addListener" "addEventListener" "subscribe" "watch")
  (#left-running? @at)
  (#scope? @at "request"))
