((call_expression
  function: (member_expression
    object: (identifier) @request
    property: (property_identifier) @method)) @at
  (#any-of? @method "json" "text" "formData" "arrayBuffer" "blob" "bytes")
  (#read-before? @at)
  (#request? @request "app-route" "proxy")
  (#read-first? @at))
