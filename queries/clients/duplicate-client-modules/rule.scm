; A client that another module of the package makes too.
([(new_expression) (call_expression)] @at
  (#constructs? @at "prisma" "database")
  (#duplicate-client? @at)
  (#not-target? "cloudflare"))
