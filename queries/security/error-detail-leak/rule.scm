; `{ stack: error.stack }`.
((member_expression
  object: (_)
  property: (property_identifier) @part) @at
  (#eq? @part "stack")
  (#error-answer? @at "stack")
  (#in-handler? @at "app-route" "pages-api" "express")
  (#answers-with? @at)
  (#says? "This answer carries the stack of the error: file paths and the names of libraries go to whoever asks. Log it, and answer with a plain message."))

; `{ error }`, `{ error: e }`, `res.json(e)`: what is in it depends on who threw it.
([
  (pair
    value: (identifier) @at)
  (shorthand_property_identifier) @at
  (call_expression
    function: (_) @callee
    arguments: (arguments . (identifier) @at))
]
  (#not-eq? @callee "String")
  (#any-of? @at "e" "err" "error" "ex" "exception" "_error")
  (#error-answer? @at "message")
  (#in-handler? @at "app-route" "pages-api" "express")
  (#answers-with? @at)
  (#at-most? "information")
  (#says? "This answer carries the whole error, with all that a library has put into it: queries, settings, headers. Log it, and answer with a plain message."))

; `{ error: e.message }`; `String(e)` is its name and its message.
([
  (member_expression
    object: (_)
    property: (property_identifier) @part) @at
  (call_expression
    function: (identifier) @callee
    arguments: (arguments . (identifier) @at))
]
  (#eq? @part "message")
  (#eq? @callee "String")
  (#match? @at "[.]message$|^(e|err|error|ex|exception|_error)$")
  (#error-answer? @at "message")
  (#in-handler? @at "app-route" "pages-api" "express")
  (#answers-with? @at)
  (#at-most? "hint")
  (#says? "This answer carries the message of any error, which was not written for users. Log it, and answer with a plain message."))
