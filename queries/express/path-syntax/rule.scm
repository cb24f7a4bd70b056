; `app.get("/x/*", …)`, `router.use(PREFIX + "/:id?", …)`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    [(string) (template_string) (identifier) (member_expression) (binary_expression)] @at
    .
    (_))) @call
  (#any-of? @method "get" "post" "put" "patch" "delete" "head" "options" "all" "use")
  (#match? @at "^([A-Za-z_$]|.*[*?+()!:{}\\[\\]\\\\])")
  (#version? "express" ">=5" "<6")
  (#refused-path? @at)
  (#express-app? @object))

; `app.route("/x/*").get(…)`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    [(string) (template_string) (identifier) (member_expression) (binary_expression)] @at
    .)) @call
  (#eq? @method "route")
  (#version? "express" ">=5" "<6")
  (#refused-path? @at)
  (#express-app? @object))

; `app.get(["/", "/x/*"], …)`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (array
      (string) @at))) @call
  (#any-of? @method "get" "post" "put" "patch" "delete" "head" "options" "all" "use")
  (#match? @at "[*?+()!:{}\\[\\]\\\\]")
  (#version? "express" ">=5" "<6")
  (#refused-path? @at)
  (#express-app? @object))

; `app.get("/users/[id]", …)`, in any version.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    [(string) (template_string) (identifier) (member_expression) (binary_expression)] @at)) @call
  (#any-of? @method "get" "post" "put" "patch" "delete" "head" "options" "all" "use" "route")
  (#match? @at "^([A-Za-z_$]|.*\\[)")
  (#version? "express" ">=4" "<6")
  (#next-segment? @at)
  (#express-app? @object))
