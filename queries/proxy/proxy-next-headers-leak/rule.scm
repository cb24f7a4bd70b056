; `NextResponse.next({ headers: requestHeaders })`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method) @callee
  arguments: (arguments
    .
    (object
      (pair
        key: (property_identifier) @key
        value: (_) @headers) @at) @options))
  (#eq? @method "next")
  (#eq? @key "headers")
  (#not-match? @options "\\brequest\\s*:")
  (#means? @callee "next/server#NextResponse.next")
  (#request-headers? @headers))

; `NextResponse.next({ headers: await headers() })`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method) @callee
  arguments: (arguments
    .
    (object
      (pair
        key: (property_identifier) @key
        value: (await_expression
          (call_expression) @headers)) @at) @options))
  (#eq? @method "next")
  (#eq? @key "headers")
  (#not-match? @options "\\brequest\\s*:")
  (#means? @callee "next/server#NextResponse.next")
  (#request-headers? @headers))

; `NextResponse.next({ headers })`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method) @callee
  arguments: (arguments
    .
    (object
      (shorthand_property_identifier) @at) @options))
  (#eq? @method "next")
  (#eq? @at "headers")
  (#not-match? @options "\\brequest\\s*:")
  (#means? @callee "next/server#NextResponse.next")
  (#request-headers? @at))
