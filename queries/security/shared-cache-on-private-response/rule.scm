; `"Cache-Control": "public, s-maxage=60"`.
((pair
  key: (_) @key
  value: [(string (string_fragment) @value) (template_string) @value]) @at
  (#match? @key "(?i)cache-control")
  (#shared-cache? @value)
  (#behind-exit? @at)
  (#checked-get? @at))

; `headers.set("Cache-Control", "public, max-age=60")`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method)
  arguments: (arguments . (string) @key . [(string (string_fragment) @value) (template_string) @value])) @at
  (#any-of? @method "set" "append" "setHeader" "header")
  (#match? @key "(?i)cache-control")
  (#shared-cache? @value)
  (#behind-exit? @at)
  (#checked-get? @at))
