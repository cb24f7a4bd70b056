((function_declaration
  parameters: (formal_parameters
    .
    (_)
    .
    [
      (required_parameter
        pattern: (identifier) @at)
      (optional_parameter
        pattern: (identifier) @at)
    ])) @function
  (#node-response? @at "app-route"))

([
  (arrow_function
    parameters: (formal_parameters
      .
      (_)
      .
      (required_parameter
        pattern: (identifier) @at)))
  (function_expression
    parameters: (formal_parameters
      .
      (_)
      .
      (required_parameter
        pattern: (identifier) @at)))
] @function
  (#node-response? @at "app-route"))
