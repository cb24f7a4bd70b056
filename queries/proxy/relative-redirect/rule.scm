; `NextResponse.redirect("/login")`, and the same with a template or a sum of strings.
((call_expression
  function: (member_expression
    property: (property_identifier) @method) @callee
  arguments: (arguments
    .
    [
      (string)
      (template_string)
      (binary_expression
        operator: "+")
    ] @at))
  (#any-of? @method "redirect" "rewrite")
  (#match? @at "^[\"'`]/")
  (#means? @callee "next/server#NextResponse.redirect" "next/server#NextResponse.rewrite" "next/server#default.NextResponse.redirect" "#Response.redirect")
  (#reached-from? @at "next")
  (#scope? @at "request"))

; The path has a name: `const url = "/login"`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method) @callee
  arguments: (arguments
    .
    (identifier) @at))
  (#any-of? @method "redirect" "rewrite")
  (#names-path? @at)
  (#means? @callee "next/server#NextResponse.redirect" "next/server#NextResponse.rewrite" "next/server#default.NextResponse.redirect" "#Response.redirect")
  (#reached-from? @at "next")
  (#scope? @at "request"))
