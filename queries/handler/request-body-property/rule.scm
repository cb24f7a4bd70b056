; `request.body.name`.
((member_expression
  object: (member_expression
    object: (identifier) @request
    property: (property_identifier) @property)
  property: (property_identifier) @key) @at
  (#eq? @property "body")
  (#not-any-of? @key "locked" "cancel" "getReader" "pipeThrough" "pipeTo" "tee" "values" "length" "on" "pipe")
  (#request? @request "app-route")
  (#says? "`request.body` is a stream of bytes in a route handler, so this is always undefined. Read the body with `await request.json()`."))

; `const { name } = request.body`.
((variable_declarator
  name: (object_pattern)
  value: (member_expression
    object: (identifier) @request
    property: (property_identifier) @property) @at)
  (#eq? @property "body")
  (#request? @request "app-route")
  (#says? "`request.body` is a stream of bytes in a route handler, so nothing can be taken out of it. Read the body with `await request.json()`."))

; `JSON.parse(request.body)`, `schema.safeParse(request.body)`.
((call_expression
  function: (_) @callee
  arguments: (arguments
    .
    (member_expression
      object: (identifier) @request
      property: (property_identifier) @property) @at))
  (#eq? @property "body")
  (#means? @callee "#JSON.parse" "#Object.keys" "#Object.entries" "#Object.values")
  (#request? @request "app-route")
  (#says? "`request.body` is a stream of bytes in a route handler, not the data. Read the body with `await request.json()`."))

((call_expression
  function: (member_expression
    object: (_) @schema
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (member_expression
      object: (identifier) @request
      property: (property_identifier) @property) @at))
  (#eq? @property "body")
  (#any-of? @method "parse" "safeParse" "parseAsync" "safeParseAsync")
  (#made-by? @schema "zod#*")
  (#request? @request "app-route")
  (#says? "`request.body` is a stream of bytes in a route handler, not the data. Read the body with `await request.json()`."))

; `{ ...request.body }`.
((spread_element
  (member_expression
    object: (identifier) @request
    property: (property_identifier) @property) @at)
  (#eq? @property "body")
  (#request? @request "app-route")
  (#says? "`request.body` is a stream of bytes in a route handler, so this spreads nothing. Read the body with `await request.json()`."))

; `request.query.id`, `const { id } = request.query`.
((member_expression
  object: (identifier) @request
  property: (property_identifier) @property) @at
  (#eq? @property "query")
  (#not-assigned? @at)
  (#request? @request "app-route")
  (#says? "The request of a route handler has no `query`. Read the URL: `request.nextUrl.searchParams.get(\"id\")`."))

; `request.cookies.session`.
((member_expression
  object: (member_expression
    object: (identifier) @request
    property: (property_identifier) @property)
  property: (property_identifier) @key) @at
  (#eq? @property "cookies")
  (#not-any-of? @key "get" "getAll" "has" "set" "delete" "clear" "size" "toString")
  (#not-called? @at)
  (#request? @request "app-route")
  (#says? "The cookies of a route handler's request are not a plain object, so this is always undefined. Ask for one by name: `request.cookies.get(\"name\")?.value`."))

; `request.headers.authorization`, `request.headers["x-key"]`.
((member_expression
  object: (member_expression
    object: (identifier) @request
    property: (property_identifier) @property)
  property: (property_identifier) @key) @at
  (#eq? @property "headers")
  (#not-any-of? @key "append" "delete" "entries" "forEach" "get" "getAll" "getSetCookie" "has" "keys" "set" "toJSON" "toString" "values" "count" "raw" "size")
  (#not-called? @at)
  (#request? @request "app-route")
  (#says? "The headers of a route handler's request are not a plain object, so this is always undefined. Ask for one by name: `request.headers.get(\"authorization\")`."))

((subscript_expression
  object: (member_expression
    object: (identifier) @request
    property: (property_identifier) @property)
  index: (string)) @at
  (#any-of? @property "headers" "cookies")
  (#request? @request "app-route")
  (#says? "The headers and cookies of a route handler's request are not plain objects, so this is always undefined. Ask for one by name: `request.headers.get(\"x-key\")`."))
