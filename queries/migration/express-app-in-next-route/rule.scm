; `express()` in a route file.
((call_expression
  function: (_) @callee) @at
  (#in? "app-route")
  (#means? @callee "express#default" "express#" "express#Router" "express#default.Router")
  (#says? "An Express application expects a request and a response of Node.js"))

; `cors()`, `helmet()`, `session()`.
((call_expression
  function: (_) @callee) @at
  (#in? "app-route" "server-action")
  (#means? @callee
    "cors#default"
    "cors#"
    "helmet#default"
    "helmet#"
    "morgan#default"
    "morgan#"
    "compression#default"
    "compression#"
    "cookie-parser#default"
    "cookie-parser#"
    "express-session#default"
    "express-session#"
    "express-rate-limit#default"
    "express-rate-limit#rateLimit"
    "express-rate-limit#"
    "multer#default"
    "multer#")
  (#says? "This middleware expects a request and a response of Node.js"))

; `export const GET = app`.
((export_statement
  (lexical_declaration
    (variable_declarator
      name: (identifier) @name
      value: (identifier) @at)))
  (#any-of? @name "GET" "HEAD" "POST" "PUT" "PATCH" "DELETE" "OPTIONS")
  (#in? "app-route")
  (#express-app? @at)
  (#says? "An Express application expects a request and a response of Node.js"))
