; A client of a database, cache or broker (Prisma has a rule of its own) in code that runs for each request.
([(new_expression) (call_expression)] @at
  (#constructs? @at "database")
  (#scope? @at "request")
  (#not-one-shot? @at)
  (#not-per-request-host? @at)
  (#not-edge? @at))
