; `session({ … })` without a store.
((call_expression
  function: (_) @callee
  arguments: (arguments
    (object) @options)) @at
  (#lacks-keys? @options "store")
  (#not-by-environment? @at)
  (#means? @callee "express-session#default" "express-session#"))

; `new session.MemoryStore()`.
((new_expression
  constructor: (_) @callee) @at
  (#not-by-environment? @at)
  (#means? @callee "express-session#MemoryStore" "express-session#default.MemoryStore"))
