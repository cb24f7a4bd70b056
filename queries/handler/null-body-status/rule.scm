; `Response.json(value, { status: 204 })`: the constructor throws.
((call_expression
  function: (_) @callee
  arguments: (arguments
    .
    (_) @body
    .
    (object
      (pair
        key: (property_identifier) @key
        value: (number) @status)))) @at
  (#eq? @key "status")
  (#any-of? @status "204" "205" "304")
  (#means? @callee "next/server#NextResponse.json" "#Response.json"))

; `new Response("done", { status: 204 })`.
((new_expression
  constructor: (_) @callee
  arguments: (arguments
    .
    (_) @body
    .
    (object
      (pair
        key: (property_identifier) @key
        value: (number) @status)))) @at
  (#eq? @key "status")
  (#any-of? @status "204" "205" "304")
  (#text-body? @body)
  (#means? @callee "next/server#NextResponse" "#Response"))
