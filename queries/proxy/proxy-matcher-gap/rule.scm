; `if (pathname.startsWith("/api/admin")) … 401 …`, alone or as the first of several conditions.
((if_statement
  condition: (parenthesized_expression
    [
      (call_expression
        function: (member_expression
          object: (_) @path
          property: (property_identifier) @method)
        arguments: (arguments
          .
          (string) @at))
      (binary_expression
        left: (call_expression
          function: (member_expression
            object: (_) @path
            property: (property_identifier) @method)
          arguments: (arguments
            .
            (string) @at))
        operator: "&&")
    ])
  consequence: (_) @then)
  (#eq? @method "startsWith")
  (#match? @path "pathname$")
  (#match? @then "\\b40[13]\\b|redirect\\(|\\.protect\\(")
  (#in? "proxy")
  (#matcher-gap? @at))

; A path of `config.matcher` that nothing serves.
([
  (pair
    value: (string) @at)
  (array
    (string) @at)
]
  (#match? @at "^[\"']/api/")
  (#in-exported-config? @at "matcher")
  (#matcher-source? @at)
  (#in? "proxy")
  (#matches-no-route? @at))
