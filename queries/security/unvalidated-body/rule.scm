; `prisma.user.create({ data: await request.json() })`, `db.insert(users).values(body)`, `User.create(req.body)`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method)) @at
  (#any-of? @method
    "create" "createMany" "update" "updateMany" "upsert" "values" "set" "insert" "insertMany" "insertOne"
    "updateOne" "replaceOne" "findOneAndUpdate" "findByIdAndUpdate" "findOneAndReplace" "bulkCreate" "save")
  (#mass-assigned? @at))
