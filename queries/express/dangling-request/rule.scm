; Nothing in it answers.
([
  (function_declaration)
  (function_expression)
  (arrow_function)
  (method_definition)
] @at
  (#hangs? @at "always")
  (#handler? @at "express")
  (#comes-back? @at)
  (#says? "Nothing in this handler answers or calls `next()`"))

; Some way through it does not.
([
  (function_declaration)
  (function_expression)
  (arrow_function)
  (method_definition)
] @at
  (#hangs? @at "sometimes")
  (#handler? @at "express")
  (#comes-back? @at)
  (#at-most? "warning")
  (#says? "Some way through this handler ends without an answer and without `next()`"))
