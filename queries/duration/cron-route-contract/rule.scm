; A route that `crons` of vercel.json calls, with methods but no GET.
((export_statement
  declaration: [
    (function_declaration
      name: (identifier) @at)
    (lexical_declaration
      (variable_declarator
        name: (identifier) @at))
  ])
  (#any-of? @at "POST" "PUT" "PATCH" "DELETE" "HEAD" "OPTIONS")
  (#in? "app-route")
  (#cron? @at "without-get"))

; The same, where the method is exported under its name further down.
((export_statement
  (export_clause
    (export_specifier
      name: (identifier) @at)))
  (#any-of? @at "POST" "PUT" "PATCH" "DELETE" "HEAD" "OPTIONS")
  (#in? "app-route")
  (#cron? @at "without-get"))

((export_statement
  (export_clause
    (export_specifier
      alias: (identifier) @at)))
  (#any-of? @at "POST" "PUT" "PATCH" "DELETE" "HEAD" "OPTIONS")
  (#in? "app-route")
  (#cron? @at "without-get"))

; One whose GET lets anyone in. What mentions a secret or a header may well be a check.
((export_statement
  declaration: [
    (function_declaration
      name: (identifier) @at)
    (lexical_declaration
      (variable_declarator
        name: (identifier) @at
        value: (arrow_function)))
  ]) @handler
  (#eq? @at "GET")
  (#in? "app-route")
  (#at-most? "warning")
  (#not-match? @handler "(?i)secret|auth|header|token|signature|process\\.env|cookie|session")
  (#cron? @at "unchecked"))
