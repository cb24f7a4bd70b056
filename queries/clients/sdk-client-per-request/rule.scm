; A client that keeps sockets and credentials, made for each request from arguments that never change.
([(new_expression) (call_expression)] @at
  (#constructs? @at "sdk")
  (#scope? @at "request")
  (#constant-arguments? @at)
  (#not-edge? @at))
