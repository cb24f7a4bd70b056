; What is waited for and what is thrown, outside of any `try`.
([
  (await_expression)
  (throw_statement)
] @at
  (#uncaught? @at)
  (#version? "express" ">=4" "<5")
  (#in-plain-handler? @at "express")
  (#not-depends-on? "express-async-errors" "express-promise-router" "@awaitjs/express")
  (#first-failure? @at))
