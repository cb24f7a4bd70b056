((call_expression
  function: (member_expression
    object: (identifier) @app
    property: (property_identifier) @method)) @at
  (#eq? @method "listen")
  (#listens-beside? @at))
