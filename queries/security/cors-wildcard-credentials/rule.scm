; `cors({ origin: "*", credentials: true })`, or without an `origin`.
((call_expression
  function: (_) @callee
  arguments: (arguments . (_) @options)) @at
  (#means? @callee "cors#default" "cors#")
  (#cors-options? @at "wildcard")
  (#at-most? "warning")
  (#says? "Credentials are allowed for `*`, which browsers refuse, so no request with cookies works. Name the origins that may send them, or allow no credentials."))

; `cors({ origin: true, credentials: true })`.
((call_expression
  function: (_) @callee
  arguments: (arguments . (_) @options)) @at
  (#means? @callee "cors#default" "cors#")
  (#cors-options? @at "reflected")
  (#says? "Whatever origin asks is allowed, with credentials, so any website can read these answers with the cookies of its visitor. Name the origins that may."))

; `{ "Access-Control-Allow-Origin": "*", … }`, `headers.set("Access-Control-Allow-Origin", "*")` and
; `{ key: "Access-Control-Allow-Origin", value: "*" }` of next.config, and the same for credentials.
([
  (pair
    key: (_) @key) @at
  (call_expression
    function: (member_expression
      property: (property_identifier) @method)
    arguments: (arguments . (string) @key)) @at
  (object
    (pair
      key: (_) @name
      value: (string) @key)) @at
]
  (#any-of? @method "set" "append" "setHeader" "header")
  (#eq? @name "key")
  (#match? @key "(?i)access-control-allow-origin")
  (#cors-credentials? @at "wildcard")
  (#at-most? "warning")
  (#says? "Credentials are allowed for `*`, which browsers refuse, so no request with cookies works. Name the origin that may send them, or allow no credentials."))

([
  (pair
    key: (_) @key) @at
  (call_expression
    function: (member_expression
      property: (property_identifier) @method)
    arguments: (arguments . (string) @key)) @at
]
  (#any-of? @method "set" "append" "setHeader" "header")
  (#match? @key "(?i)access-control-allow-origin")
  (#cors-credentials? @at "reflected")
  (#not-tests-origin? @at)
  (#says? "Whatever origin asks is allowed, with credentials, so any website can read this answer with the cookies of its visitor. Compare the origin with a list first."))
