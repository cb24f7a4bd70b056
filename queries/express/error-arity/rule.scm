([
  (function_declaration)
  (function_expression)
  (arrow_function)
  (method_definition)
] @at
  (#error-first? @at)
  (#handler? @at "express"))
