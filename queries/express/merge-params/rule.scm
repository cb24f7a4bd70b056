; `req.params.orgId`
((member_expression
  object: (member_expression
    object: (identifier) @request
    property: (property_identifier) @params)
  property: (property_identifier) @at)
  (#eq? @params "params")
  (#request? @request "express")
  (#unmerged-param? @at))

; `const { orgId } = req.params`
((variable_declarator
  name: (object_pattern
    (shorthand_property_identifier_pattern) @at)
  value: (member_expression
    object: (identifier) @request
    property: (property_identifier) @params))
  (#eq? @params "params")
  (#request? @request "express")
  (#unmerged-param? @at))
