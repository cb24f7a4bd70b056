; A client of a database, cache or broker (Prisma has a rule of its own) in code that runs for each request.
([(new_expression) (call_expression)] @at
  (#constructs? @at "database")
  (#not-constructs? @at "better-sqlite3")
  (#scope? @at "request")
  (#not-one-shot? @at)
  (#not-per-request-host? @at)
  (#not-edge? @at))

; A database in a file: each customer may have one.
((new_expression) @at
  (#constructs? @at "better-sqlite3")
  (#scope? @at "request")
  (#not-one-shot? @at)
  (#not-edge? @at)
  (#not-named-by-request? @at))
