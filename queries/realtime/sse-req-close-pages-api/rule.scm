((call_expression
  function: (member_expression
    object: (identifier) @request
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (string
      (string_fragment) @event))) @at
  (#any-of? @method "on" "once" "addListener")
  (#any-of? @event "close" "aborted")
  (#request? @request "pages-api")
  (#version? "next" ">=13.0.0")
  (#parses-body? @at))
