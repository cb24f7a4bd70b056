; `res.status(404).json(…)` without `return`, and another answer behind it.
((call_expression
  function: (member_expression
    object: (_) @object)) @at @call
  (#answers-again? @call "answer")
  (#express-response? @object)
  (#says? "answers once more, which throws `ERR_HTTP_HEADERS_SENT`")
  (#advises? "Write `return` in front of it"))

; And `next()` behind it.
((call_expression
  function: (member_expression
    object: (_) @object)) @at @call
  (#answers-again? @call "next")
  (#express-response? @object)
  (#says? "calls `next()` or answers once more, so the handlers behind it run all the same")
  (#advises? "Write `return` in front of it"))

; API routes of Next.js.
((call_expression
  function: (member_expression
    object: [
      (identifier) @object
      (call_expression
        function: (member_expression
          object: (identifier) @object))
    ])) @at @call
  (#answers-again? @call "answer")
  (#response? @object "pages-api")
  (#says? "answers once more, which throws `ERR_HTTP_HEADERS_SENT`")
  (#advises? "Write `return` in front of it"))

; `for (const item of items) res.json(item)`.
((call_expression
  function: (member_expression
    object: (_) @object)) @at
  (#answers-each-round? @at)
  (#express-response? @object)
  (#says? "answers again in the next round of the loop, which throws `ERR_HTTP_HEADERS_SENT`")
  (#advises? "Collect the values and answer once, behind the loop"))
