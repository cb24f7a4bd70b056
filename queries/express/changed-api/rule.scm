; `app.del("/x", …)`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @at)) @call
  (#eq? @at "del")
  (#version? "express" ">=5" "<6")
  (#express-app? @object)
  (#says? "has no `del()`, so the app does not start: call `delete()`"))

; `router.param(["id", "name"], …)`; an application takes a list.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (array))) @at
  (#eq? @method "param")
  (#version? "express" ">=5" "<6")
  (#made-by? @object "express#Router" "express#default.Router")
  (#says? "takes one name in `param()` of a router and throws at a list: call it once for each name"))

; `app.param((name, check) => …)`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    [(arrow_function) (function_expression)])) @at
  (#eq? @method "param")
  (#version? "express" ">=5" "<6")
  (#express-app? @object)
  (#says? "takes a name first in `param()` and throws at a function: call it with the name and the function"))

; `req.param("id")`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (_))) @at @call
  (#eq? @method "param")
  (#version? "express" ">=5" "<6")
  (#express-request? @object)
  (#says? "has no `req.param()`, and the request ends with a 500: read `req.params`, `req.body` or `req.query`"))

; `req.acceptsCharset("utf-8")`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @at)) @call
  (#any-of? @at "acceptsCharset" "acceptsEncoding" "acceptsLanguage")
  (#version? "express" ">=5" "<6")
  (#express-request? @object)
  (#says? "has this method in the plural only, and the request ends with a 500: add an `s` to its name"))

; `res.send(404, "no")`, `res.send(body, 201)`, `res.json(body, 201)`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (_)
    .
    (_)
    .)) @at @call
  (#any-of? @method "send" "json" "jsonp")
  (#version? "express" ">=5" "<6")
  (#express-response? @object)
  (#says? "takes the first argument for the body and ignores the second: set the status with `res.status()` before it"))

; `res.send(204)`.
((call_expression
  function: (member_expression
    object: (identifier) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (number) @status
    .)) @at @call
  (#eq? @method "send")
  (#match? @status "^[1-5][0-9][0-9]$")
  (#version? "express" ">=5" "<6")
  (#express-response? @object)
  (#says? "sends this number as the body, with status 200: call `sendStatus()`"))

; `res.sendfile("x.html")`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @at)) @call
  (#eq? @at "sendfile")
  (#version? "express" ">=5" "<6")
  (#express-response? @object)
  (#says? "has no `sendfile()`, and the request ends with a 500: call `sendFile()`"))

; `res.redirect("/login", 301)`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (_)
    .
    (number)
    .)) @at @call
  (#eq? @method "redirect")
  (#version? "express" ">=5" "<6")
  (#express-response? @object)
  (#says? "takes the status first, and the request ends with a 500: write `redirect(status, url)`"))

; `res.redirect("back")`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    (string
      (string_fragment) @back)
    .)) @at @call
  (#any-of? @method "redirect" "location")
  (#eq? @back "back")
  (#version? "express" ">=5" "<6")
  (#express-response? @object)
  (#says? "takes `\"back\"` for an address: ask for `req.get(\"Referrer\") || \"/\"`"))

; `res.status("404")`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    [(string) (template_string)]
    .)) @at @call
  (#eq? @method "status")
  (#version? "express" ">=5" "<6")
  (#express-response? @object)
  (#says? "takes a number as the status, and the request ends with a 500: write it without quotes"))

; `req.query = parsed`.
((assignment_expression
  left: (member_expression
    object: (_) @object
    property: (property_identifier) @method)) @at
  (#eq? @method "query")
  (#version? "express" ">=5" "<6")
  (#express-request? @object)
  (#says? "makes `req.query` read-only, so the value is lost, or a TypeError in strict code: keep it in `res.locals`"))

; `req.query.filter.name`.
((member_expression
  object: (member_expression
    object: (member_expression
      object: (_) @object
      property: (property_identifier) @method)
    property: (property_identifier))
  property: (property_identifier) @key) @at
  (#eq? @method "query")
  (#not-any-of? @key "length")
  (#not-called? @at)
  (#version? "express" ">=5" "<6")
  (#express-request? @object)
  (#not-query-parser-set?)
  (#says? "no longer nests `a[b]=1` in `req.query`, so this is undefined: call `app.set(\"query parser\", \"extended\")`"))

; `import "express-async-errors"`, `require("express-async-errors")`.
((import_statement
  source: (string
    (string_fragment) @source) @at)
  (#eq? @source "express-async-errors")
  (#version? "express" ">=5" "<6")
  (#says? "cannot load this package, which reaches into Express 4: remove it, rejections are caught without it"))

((call_expression
  function: (identifier) @method
  arguments: (arguments
    .
    (string
      (string_fragment) @source) @at))
  (#eq? @method "require")
  (#eq? @source "express-async-errors")
  (#version? "express" ">=5" "<6")
  (#says? "cannot load this package, which reaches into Express 4: remove it, rejections are caught without it"))

; `req.body` of a route that no parser runs for.
((member_expression
  object: (identifier) @object
  property: (property_identifier) @key) @at
  (#eq? @key "body")
  (#version? "express" ">=5" "<6")
  (#express-request? @object)
  (#unparsed? @at))

; `import bodyParser from "body-parser"`, `require("body-parser")`; Express has its parsers, not its types.
((import_statement
  source: (string
    (string_fragment) @source) @at) @statement
  (#eq? @source "body-parser")
  (#not-match? @statement "^import\\s+type\\s")
  (#depends-on? "express")
  (#version? "express" ">=5" "<6")
  (#at-most? "hint")
  (#says? "has the parsers of this package itself, so it can go: `express.json()`, `express.urlencoded({ extended: true })`"))

((call_expression
  function: (identifier) @method
  arguments: (arguments
    .
    (string
      (string_fragment) @source) @at))
  (#eq? @method "require")
  (#eq? @source "body-parser")
  (#depends-on? "express")
  (#version? "express" ">=5" "<6")
  (#at-most? "hint")
  (#says? "has the parsers of this package itself, so it can go: `express.json()`, `express.urlencoded({ extended: true })`"))
