; `prisma.item.findMany()`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method)) @at
  (#eq? @method "findMany")
  (#unbounded-list? @at))
