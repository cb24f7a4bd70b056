; `(await params).id`, `params.id`.
((member_expression
  object: [
    (identifier)
    (member_expression)
    (parenthesized_expression)
  ] @object
  property: (property_identifier) @at)
  (#match? @object "params\\)?$")
  (#not-any-of? @at "then" "catch" "finally" "hasOwnProperty" "toString")
  (#unknown-segment? @object "app-route"))

; `const { id } = await params`.
((variable_declarator
  name: (object_pattern
    [
      (shorthand_property_identifier_pattern) @at
      (pair_pattern
        key: (property_identifier) @at)
      (object_assignment_pattern
        left: (shorthand_property_identifier_pattern) @at)
    ])
  value: (_) @object)
  (#match? @object "params$")
  (#unknown-segment? @object "app-route"))
