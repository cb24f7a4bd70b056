; What every file is read for. Each capture names one kind of fact; `server/analysis/src/facts` reads the
; node. Patterns name single nodes: the query says where to look, Rust says what it means.

; Modules.
(import_statement) @import
(export_statement) @export

; Functions and what opens a scope.
[
  (function_declaration)
  (function_expression)
  (generator_function)
  (generator_function_declaration)
  (arrow_function)
  (method_definition)
] @function

[
  (class_declaration)
  (abstract_class_declaration)
  (class)
] @class

[
  (statement_block)
  (for_statement)
  (for_in_statement)
  (switch_body)
  (catch_clause)
  (class_static_block)
] @block

; Names.
(variable_declarator) @declarator

; Calls.
(call_expression) @call
(new_expression) @new

; What decides whether a call runs, and where its value goes.
[
  (if_statement)
  (ternary_expression)
  (binary_expression operator: ["??" "||" "&&"])
  (assignment_expression)
  (augmented_assignment_expression)
] @context

; What a function waits for, and what it gives.
(return_statement) @return
(await_expression) @await
(for_in_statement "await") @await

; What may run not at all, or several times. (`if`, `?:`, `&&`, `for` and `catch` are captured above.)
[
  (while_statement)
  (do_statement)
  (switch_case)
  (switch_default)
] @branch

; What an instance of a class starts with.
(public_field_definition) @field
(required_parameter
  (accessibility_modifier)) @field

; Directives to Routewise.
((comment) @comment
  (#match? @comment "routewise-"))
