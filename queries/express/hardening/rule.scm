; Pages and cookies without the headers of `helmet`.
((call_expression
  function: (_) @callee) @at
  (#means? @callee "express#default" "express#")
  (#open-app? @at "headers")
  (#says? "Browsers get no security headers from this application, which is open to everybody")
  (#advises? "Call `app.use(helmet())` of `helmet` before the routes"))

; `X-Powered-By: Express`.
((call_expression
  function: (_) @callee) @at
  (#means? @callee "express#default" "express#")
  (#not-open-app? @at "headers")
  (#open-app? @at "powered-by")
  (#at-most? "hint")
  (#says? "Every answer names Express in `X-Powered-By`, and everybody can ask this application")
  (#advises? "Call `app.disable(\"x-powered-by\")`"))

; `express.static(__dirname)`.
((call_expression
  function: (_) @callee
  arguments: (arguments
    .
    (_) @folder)) @at
  (#means? @callee "express#static" "express#default.static" "serve-static#" "serve-static#default")
  (#serves-sources? @at)
  (#says? "This serves the folder of the code: whoever asks gets its sources")
  (#advises? "Put what is meant for everybody into a folder of its own, such as `public`"))

; `express.json({ limit: "100mb" })`.
((call_expression
  function: (_) @callee
  arguments: (arguments
    .
    (object
      (pair
        key: (property_identifier) @key
        value: (string
          (string_fragment) @limit))))) @at
  (#means? @callee
    "express#json" "express#default.json" "express#urlencoded" "express#default.urlencoded" "express#text"
    "express#default.text" "body-parser#json" "body-parser#default.json" "body-parser#urlencoded"
    "body-parser#default.urlencoded")
  (#eq? @key "limit")
  (#match? @limit "^([5-9][0-9]|[1-9][0-9][0-9]+) *[mM][bB]$|^[0-9.]+ *[gG][bB]$")
  (#at-most? "information")
  (#says? "Bodies of this size are read into memory whole and parsed while all other requests wait")
  (#advises? "Keep the limit small, and take large files in pieces with `multer` or `busboy`"))
