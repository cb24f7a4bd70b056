; `stripe.webhooks.constructEvent(body, signature, secret)`.
((call_expression
  function: (member_expression
    property: (property_identifier) @method) @callee
  arguments: (arguments
    .
    (_) @at))
  (#any-of? @method "constructEvent" "constructEventAsync")
  (#match? @callee "[.]webhooks[?]?[.]constructEvent(Async)?$")
  (#of-package? @callee "stripe")
  (#parsed-body? @at))

; `new Webhook(secret).verify(body, headers)`.
((call_expression
  function: (member_expression
    object: (_) @webhook
    property: (property_identifier) @verify)
  arguments: (arguments
    .
    (_) @at))
  (#any-of? @verify "verify" "verifyAndReceive")
  (#made-by? @webhook "svix#Webhook" "standardwebhooks#Webhook" "@octokit/webhooks#Webhooks")
  (#parsed-body? @at))

; `verify(secret, body, signature)`.
((call_expression
  function: (_) @callee
  arguments: (arguments
    .
    (_)
    .
    (_) @at))
  (#means? @callee "@octokit/webhooks-methods#verify")
  (#parsed-body? @at))

; `createHmac("sha256", secret).update(body)`, next to a header that holds a signature.
((call_expression
  function: (member_expression
    object: (_) @hmac
    property: (property_identifier) @update)
  arguments: (arguments
    .
    (_) @at))
  (#eq? @update "update")
  (#made-by? @hmac "crypto#createHmac" "crypto#default.createHmac")
  (#parsed-body? @at)
  (#compares-signature? @at))
