((expression_statement
  (string) @at)
  (#match? @at "^.use client.$")
  (#top-level? @at)
  (#file-directive? @at)
  (#in? "app-route")
  (#says? "`'use client'` turns this route into a module of the browser, so every request to it gets a 500. Delete the directive."))

((expression_statement
  (string) @at)
  (#match? @at "^.use server.$")
  (#top-level? @at)
  (#file-directive? @at)
  (#in? "app-route")
  (#at-most? "warning")
  (#says? "`'use server'` declares the handlers of this route to be server actions, which they are not: a route file runs on the server anyway. Delete the directive."))

((expression_statement
  (string) @at)
  (#match? @at "^.use (client|server).$")
  (#top-level? @at)
  (#file-directive? @at)
  (#in? "proxy")
  (#at-most? "information")
  (#says? "This directive has no effect: Next.js runs the file on the server, before the routes. Delete it."))

([
  (function_declaration
    body: (statement_block
      (expression_statement
        (string) @at)))
  (arrow_function
    body: (statement_block
      (expression_statement
        (string) @at)))
  (function_expression
    body: (statement_block
      (expression_statement
        (string) @at)))
] @function
  (#match? @at "^.use cache(: [a-z]+)?.$")
  (#directive? @at)
  (#in? "app-route")
  (#cache-components?)
  (#version? "next" ">=16.0.0")
  (#handler? @function "app-route")
  (#says? "`'use cache'` cannot stand in a route handler itself. Move what is to be cached into a function of its own, and call that from here."))
