; `prisma.item.findMany()`, `db.query.items.findMany()`, `db.select().from(items)`, `Item.find()`,
; `pool.query("SELECT * FROM items")`, `db.prepare("SELECT * FROM items").all()`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method)) @at
  (#any-of? @method "findMany" "from" "find" "query" "execute" "all")
  (#unbounded-list? @at))
