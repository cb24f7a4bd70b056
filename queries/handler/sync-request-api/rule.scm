; `params.id`, `context.params.id`, `const { id } = params`.
((member_expression
  object: (identifier) @at)
  (#any-of? @at "params" "searchParams")
  (#first-use? @at)
  (#promised? @at "app-route" "page")
  (#gives-promises?))

((variable_declarator
  name: (object_pattern)
  value: (identifier) @at)
  (#any-of? @at "params" "searchParams")
  (#first-use? @at)
  (#promised? @at "app-route" "page")
  (#gives-promises?))

((member_expression
  object: (member_expression
    object: (identifier)
    property: (property_identifier) @name) @at)
  (#any-of? @name "params" "searchParams")
  (#first-use? @at)
  (#promised? @at "app-route" "page")
  (#gives-promises?))

((variable_declarator
  name: (object_pattern)
  value: (member_expression
    object: (identifier)
    property: (property_identifier) @name) @at)
  (#any-of? @name "params" "searchParams")
  (#first-use? @at)
  (#promised? @at "app-route" "page")
  (#gives-promises?))

; `({ params: { id } }) =>`.
((pair_pattern
  key: (property_identifier) @name
  value: (object_pattern) @at)
  (#any-of? @name "params" "searchParams")
  (#first-use? @at)
  (#promised? @at "app-route" "page")
  (#gives-promises?))

; `cookies().get("session")`.
((member_expression
  object: (call_expression
    function: (_) @callee) @at
  property: (property_identifier) @key)
  (#not-any-of? @key "then" "catch" "finally")
  (#means? @callee "next/headers#cookies" "next/headers#headers" "next/headers#draftMode")
  (#gives-promises?))

; `const { isEnabled } = draftMode()`.
((variable_declarator
  name: (object_pattern)
  value: (call_expression
    function: (_) @callee) @at)
  (#means? @callee "next/headers#cookies" "next/headers#headers" "next/headers#draftMode")
  (#gives-promises?))

; `const jar = cookies(); jar.get("session")`.
((variable_declarator
  name: (identifier) @name
  value: (call_expression
    function: (_) @callee) @at)
  (#used-unawaited? @name)
  (#means? @callee "next/headers#cookies" "next/headers#headers" "next/headers#draftMode")
  (#gives-promises?))
