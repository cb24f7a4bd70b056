; `prisma.$disconnect()`, `pool.end()` on a client that lives at module level, in code that runs for each
; request. The names are those of libraries.toml: without them every call of a project would be looked at.
((call_expression
  function: (member_expression
    property: (property_identifier) @method)) @at
  (#any-of? @method "$disconnect" "close" "destroy" "disconnect" "end" "quit")
  (#closes-shared-client? @at)
  (#scope? @at "request")
  (#not-target? "cloudflare"))

; `import { disconnect } from "mongoose"`.
((call_expression
  function: (identifier) @method) @at
  (#any-of? @method "$disconnect" "close" "destroy" "disconnect" "end" "quit")
  (#closes-shared-client? @at)
  (#scope? @at "request")
  (#not-target? "cloudflare"))
