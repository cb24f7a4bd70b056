; `session({ … })` without a store. Under a condition there may be one on the other side of it.
((call_expression
  function: (_) @callee
  arguments: (arguments
    (object) @options)) @at
  (#lacks-keys? @options "store")
  (#not-inside? @at "if_statement" "ternary_expression" "switch_statement")
  (#not-by-environment? @at)
  (#means? @callee "express-session#default" "express-session#"))

; `new session.MemoryStore()`.
((new_expression
  constructor: (_) @callee) @at
  (#not-inside? @at "if_statement" "ternary_expression" "binary_expression" "switch_statement")
  (#not-by-environment? @at)
  (#means? @callee "express-session#MemoryStore" "express-session#default.MemoryStore"))
