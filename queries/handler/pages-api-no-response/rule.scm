; A way to the end that answers nobody.
((function_declaration
  name: (identifier) @at) @function
  (#leaves-open? @function "end")
  (#handler? @function "pages-api")
  (#not-page-config? "api.externalResolver=true" "runtime=edge" "runtime=experimental-edge")
  (#comes-back? @function)
  (#at-most? "warning")
  (#says? "One path through this handler ends without an answer, and the client waits until it gives up"))

((variable_declarator
  name: (identifier) @at
  value: [(arrow_function) (function_expression)] @function)
  (#leaves-open? @function "end")
  (#handler? @function "pages-api")
  (#not-page-config? "api.externalResolver=true" "runtime=edge" "runtime=experimental-edge")
  (#comes-back? @function)
  (#at-most? "warning")
  (#says? "One path through this handler ends without an answer, and the client waits until it gives up"))

((export_statement
  value: [
    (arrow_function
      parameters: (formal_parameters) @at)
    (function_expression
      parameters: (formal_parameters) @at)
  ] @function)
  (#leaves-open? @function "end")
  (#handler? @function "pages-api")
  (#not-page-config? "api.externalResolver=true" "runtime=edge" "runtime=experimental-edge")
  (#comes-back? @function)
  (#at-most? "warning")
  (#says? "One path through this handler ends without an answer, and the client waits until it gives up"))

; Only a way to a `return` does.
((function_declaration
  name: (identifier) @at) @function
  (#leaves-open? @function "return")
  (#handler? @function "pages-api")
  (#not-page-config? "api.externalResolver=true" "runtime=edge" "runtime=experimental-edge")
  (#comes-back? @function)
  (#at-most? "warning")
  (#says? "A `return` in this handler leaves the request without an answer, and the client waits until it gives up"))

((variable_declarator
  name: (identifier) @at
  value: [(arrow_function) (function_expression)] @function)
  (#leaves-open? @function "return")
  (#handler? @function "pages-api")
  (#not-page-config? "api.externalResolver=true" "runtime=edge" "runtime=experimental-edge")
  (#comes-back? @function)
  (#at-most? "warning")
  (#says? "A `return` in this handler leaves the request without an answer, and the client waits until it gives up"))

((export_statement
  value: [
    (arrow_function
      parameters: (formal_parameters) @at)
    (function_expression
      parameters: (formal_parameters) @at)
  ] @function)
  (#leaves-open? @function "return")
  (#handler? @function "pages-api")
  (#not-page-config? "api.externalResolver=true" "runtime=edge" "runtime=experimental-edge")
  (#comes-back? @function)
  (#at-most? "warning")
  (#says? "A `return` in this handler leaves the request without an answer, and the client waits until it gives up"))

; The way of the App Router.
((return_statement
  (call_expression
    function: (_) @callee)) @at
  (#means? @callee "next/server#NextResponse.json" "next/server#NextResponse.redirect" "#Response.json" "#Response.redirect")
  (#in-plain-handler? @at "pages-api")
  (#not-page-config? "runtime=edge" "runtime=experimental-edge")
  (#says? "The Pages Router does not send a response that is returned"))

((return_statement
  (new_expression
    constructor: (_) @callee)) @at
  (#means? @callee "next/server#NextResponse" "#Response")
  (#in-plain-handler? @at "pages-api")
  (#not-page-config? "runtime=edge" "runtime=experimental-edge")
  (#says? "The Pages Router does not send a response that is returned"))
