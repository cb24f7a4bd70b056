; A limiter that is made for each request.
((call_expression
  function: (_) @callee) @at
  (#means? @callee "express-rate-limit#default" "express-rate-limit#rateLimit" "express-rate-limit#" "express-rate-limit#default.rateLimit")
  (#scope? @at "request")
  (#not-kept? @at)
  (#says? "A limiter that is made for each request starts each time at zero, so it never refuses anybody")
  (#advises? "Make it once, at module level"))

; `app.set("trust proxy", true)`.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (string
      (string_fragment) @setting)
    .
    (true) @value)) @at
  (#eq? @method "set")
  (#eq? @setting "trust proxy")
  (#limits-by-address?)
  (#express-app? @object)
  (#says? "With `true` Express believes every `X-Forwarded-For`, so a client picks the address that the rate limiter counts")
  (#advises? "Write how many proxies stand in front, mostly `1`"))

((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @method)
  arguments: (arguments
    .
    (string
      (string_fragment) @setting)
    .)) @at
  (#eq? @method "enable")
  (#eq? @setting "trust proxy")
  (#limits-by-address?)
  (#express-app? @object)
  (#says? "So Express believes every `X-Forwarded-For`, and a client picks the address that the rate limiter counts")
  (#advises? "Call `set(\"trust proxy\", 1)` with the number of proxies in front"))

; No `trust proxy` behind a proxy.
((call_expression
  function: (_) @limiter) @at
  (#means? @limiter "express-rate-limit#default" "express-rate-limit#rateLimit" "express-rate-limit#" "express-rate-limit#default.rateLimit")
  (#target? "render" "railway" "fly" "vercel" "cloud-run" "firebase")
  (#limits-by-address?)
  (#not-proxy-trusted?)
  (#says? "Requests come through the host's proxy, and without `trust proxy` the limiter counts all clients as one")
  (#advises? "Call `app.set(\"trust proxy\", 1)` where the app is made"))

; A route that takes passwords or codes, without a limit.
((call_expression
  function: (member_expression
    object: (_) @object
    property: (property_identifier) @at)
  arguments: (arguments
    .
    (string
      (string_fragment) @path))) @route
  (#eq? @at "post")
  (#match? @path "(^|/)(login|log-in|signin|sign-in|forgot-password|reset-password|password-reset|otp|verify-otp|verify-code)/?$")
  (#unlimited? @route)
  (#at-most? "hint")
  (#advises? "Put `rateLimit({ windowMs: 15 * 60 * 1000, limit: 10 })` of `express-rate-limit` in front of its handler"))
