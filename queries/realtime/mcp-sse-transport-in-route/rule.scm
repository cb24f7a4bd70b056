; The session of the transport lives in the memory of one instance.
((new_expression
  constructor: (_) @callee) @at
  (#means? @callee
    "@modelcontextprotocol/sdk/server/sse.js#SSEServerTransport"
    "@modelcontextprotocol/sdk/server/sse#SSEServerTransport"
    "@modelcontextprotocol/sdk/server/index.js#SSEServerTransport")
  (#reached-from? @at "next")
  (#scope? @at "request"))

; An Express application on a host that starts several instances.
((new_expression
  constructor: (_) @callee) @at
  (#means? @callee
    "@modelcontextprotocol/sdk/server/sse.js#SSEServerTransport"
    "@modelcontextprotocol/sdk/server/sse#SSEServerTransport"
    "@modelcontextprotocol/sdk/server/index.js#SSEServerTransport")
  (#not-reached-from? @at "next")
  (#target-kind? "serverless")
  (#scope? @at "request"))
