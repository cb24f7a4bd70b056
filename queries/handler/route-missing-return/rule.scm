; A handler with a way to its end that returns nothing.
((function_declaration
  name: (identifier) @at) @function
  (#falls-through? @function)
  (#handler? @function "app-route")
  (#not-node-style? @function)
  (#not-lost-response? @function)
  (#comes-back? @function)
  (#says? "can end without returning a response"))

((variable_declarator
  name: (identifier) @at
  value: [(arrow_function) (function_expression)] @function)
  (#falls-through? @function)
  (#handler? @function "app-route")
  (#not-node-style? @function)
  (#not-lost-response? @function)
  (#comes-back? @function)
  (#says? "can end without returning a response"))

; `return { ok: true }`.
((return_statement
  (_)) @at
  (#gives-plain? @at)
  (#in-plain-handler? @at "app-route")
  (#not-node-style? @at)
  (#says? "returns something here that is no response"))

; `return;`.
((return_statement) @at
  (#match? @at "^return;?$")
  (#in-plain-handler? @at "app-route")
  (#not-node-style? @at)
  (#says? "returns nothing here"))

; `() => ({ ok: true })`.
((arrow_function
  body: (_) @at) @function
  (#plain? @at)
  (#handler? @function "app-route")
  (#says? "returns something here that is no response"))

; `NextResponse.json(user);` as a statement.
((call_expression
  function: (_) @callee) @at
  (#unused? @at)
  (#means? @callee "next/server#NextResponse.json" "next/server#NextResponse.redirect" "#Response.json" "#Response.redirect")
  (#in-handler? @at "app-route")
  (#says? "makes a response here and does not return it"))

((new_expression
  constructor: (_) @callee) @at
  (#unused? @at)
  (#means? @callee "next/server#NextResponse" "#Response")
  (#in-handler? @at "app-route")
  (#says? "makes a response here and does not return it"))
