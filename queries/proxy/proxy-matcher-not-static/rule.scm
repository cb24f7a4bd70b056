; `matcher: paths`, `matcher: [...paths]`, `matcher: [{ source: path }]`.
([
  (pair
    key: (property_identifier) @key
    value: [
      (identifier)
      (member_expression)
      (subscript_expression)
      (call_expression)
      (binary_expression)
      (ternary_expression)
      (template_string
        (template_substitution))
    ] @at)
  (array
    [
      (identifier)
      (member_expression)
      (subscript_expression)
      (call_expression)
      (binary_expression)
      (ternary_expression)
      (spread_element)
      (template_string
        (template_substitution))
    ] @at)
  (object
    [
      (shorthand_property_identifier)
      (spread_element)
    ] @at)
]
  (#not-eq? @at "undefined")
  (#in-exported-config? @at "matcher")
  (#in? "proxy")
  (#matcher-fault? @at))

; A path that does not start with a slash.
([
  (pair
    key: (property_identifier) @key
    value: [
      (string)
      (template_string)
    ] @at)
  (array
    [
      (string)
      (template_string)
    ] @at)
]
  (#not-match? @at "^[\"'`](/|\\$)")
  (#in-exported-config? @at "matcher")
  (#in? "proxy")
  (#matcher-source? @at)
  (#matcher-fault? @at))
