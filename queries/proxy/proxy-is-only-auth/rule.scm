; A proxy of one piece that turns away who is not known, whatever the path.
((export_statement
  declaration: (function_declaration
    name: (identifier) @at)) @whole
  (#any-of? @at "middleware" "proxy")
  (#match? @whole "if\\s*\\(\\s*!\\s*[\\w.?]+\\s*\\)\\s*\\{?\\s*return\\b")
  (#match? @whole "\\b40[13]\\b|redirect\\(")
  (#not-match? @whole "pathname|nextUrl|startsWith|includes\\(|matches|test\\(|method")
  (#in? "proxy")
  (#lone-guard? @at "own"))

; The same as a default export.
((export_statement
  "default"
  declaration: (function_declaration
    name: (identifier) @at)) @whole
  (#not-any-of? @at "middleware" "proxy")
  (#match? @whole "if\\s*\\(\\s*!\\s*[\\w.?]+\\s*\\)\\s*\\{?\\s*return\\b")
  (#match? @whole "\\b40[13]\\b|redirect\\(")
  (#not-match? @whole "pathname|nextUrl|startsWith|includes\\(|matches|test\\(|method")
  (#in? "proxy")
  (#lone-guard? @at "own"))

; `export { default } from "next-auth/middleware"`: every path of the matcher needs a session.
((export_statement
  (export_clause
    (export_specifier
      name: (identifier) @name) @at)
  source: (string) @source)
  (#eq? @name "default")
  (#match? @source "^.next-auth/middleware.$")
  (#in? "proxy")
  (#lone-guard? @at "package"))

; `export default withAuth({ pages: … })`, without conditions of its own.
((export_statement
  value: (call_expression
    function: (identifier) @at
    arguments: (arguments) @given))
  (#not-match? @given "callbacks|=>|function|authorized")
  (#means? @at "next-auth/middleware#withAuth" "next-auth/middleware#default")
  (#in? "proxy")
  (#lone-guard? @at "package"))
