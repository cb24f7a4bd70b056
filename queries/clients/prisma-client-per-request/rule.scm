; `new PrismaClient()`, under whatever name it was imported, in code that runs for each request.
((new_expression) @at
  (#constructs? @at "prisma")
  (#scope? @at "request")
  (#not-per-request-host? @at)
  (#not-edge? @at))
