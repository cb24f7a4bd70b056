; `request.headers`, `request.cookies`.
((member_expression
  object: (identifier) @request
  property: (property_identifier) @read) @at
  (#any-of? @read "headers" "cookies")
  (#segment? "dynamic" "force-static")
  (#not-cache-components?)
  (#answers? @at "GET")
  (#request? @request "app-route")
  (#says? "the request's headers and cookies"))

; `request.nextUrl.searchParams`, `new URL(request.url).searchParams`, and through a name.
((member_expression
  object: (_) @url
  property: (property_identifier) @read) @at
  (#any-of? @read "searchParams" "search")
  (#segment? "dynamic" "force-static")
  (#not-cache-components?)
  (#answers? @at "GET")
  (#request-url? @url)
  (#says? "the query"))

; `const { searchParams } = new URL(request.url)`.
((variable_declarator
  name: (object_pattern
    [
      (shorthand_property_identifier_pattern) @at
      (pair_pattern
        key: (property_identifier) @at)
    ])
  value: (_) @url)
  (#any-of? @at "searchParams" "search")
  (#segment? "dynamic" "force-static")
  (#not-cache-components?)
  (#answers? @at "GET")
  (#request-url? @url)
  (#says? "the query"))

; `cookies()` and `headers()`.
((call_expression
  function: (_) @callee) @at
  (#segment? "dynamic" "force-static")
  (#not-cache-components?)
  (#answers? @at "GET")
  (#means? @callee "next/headers#cookies" "next/headers#headers")
  (#says? "the request's headers and cookies"))
