; `track(user);`, `void track(user);`, `track(user).catch(report);`: a statement that starts work for a request.
; The grammar reads `await f<T>(x)` as a call of `await f`, hence the look at what is called.
((expression_statement
  (call_expression
    function: (_) @callee) @at)
  (#not-match? @callee "^await\\s")
  (#not-top-level? @at)
  (#lost-promise? @at))

((expression_statement
  (unary_expression
    operator: "void"
    argument: (call_expression
      function: (_) @callee) @at))
  (#not-match? @callee "^await\\s")
  (#not-top-level? @at)
  (#lost-promise? @at))
