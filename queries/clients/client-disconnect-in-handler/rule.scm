; `prisma.$disconnect()`, `pool.end()` on a client that lives at module level, in code that runs for each
; request.
((call_expression) @at
  (#closes-shared-client? @at)
  (#scope? @at "request")
  (#not-target? "cloudflare"))
