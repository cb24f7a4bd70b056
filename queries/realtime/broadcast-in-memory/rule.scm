; `for (const client of clients) client.enqueue(message)`.
((for_in_statement
  right: [
    (identifier) @registry
    (call_expression
      function: (member_expression
        object: (identifier) @registry))
  ] @at) @loop
  (#sends-to-each? @loop)
  (#module-collection? @registry)
  (#scope? @at "request")
  (#several-instances?))

; `clients.forEach((client) => client.enqueue(message))`.
((call_expression
  function: (member_expression
    object: (identifier) @registry
    property: (property_identifier) @method) @at) @loop
  (#eq? @method "forEach")
  (#sends-to-each? @loop)
  (#module-collection? @registry)
  (#scope? @at "request")
  (#several-instances?))

; `for (const client of wss.clients) client.send(message)`, `wss.clients.forEach(…)`.
((for_in_statement
  right: (member_expression
    object: (identifier) @registry
    property: (property_identifier) @clients) @at) @loop
  (#eq? @clients "clients")
  (#sends-to-each? @loop)
  (#made-by? @registry "ws#WebSocketServer" "ws#Server" "ws#default.Server" "ws#default.WebSocketServer")
  (#not-reached-from? @at "next")
  (#several-instances?))

((call_expression
  function: (member_expression
    object: (member_expression
      object: (identifier) @registry
      property: (property_identifier) @clients)
    property: (property_identifier) @method) @at) @loop
  (#eq? @clients "clients")
  (#eq? @method "forEach")
  (#sends-to-each? @loop)
  (#made-by? @registry "ws#WebSocketServer" "ws#Server" "ws#default.Server" "ws#default.WebSocketServer")
  (#not-reached-from? @at "next")
  (#several-instances?))

; `io.emit(…)`, `io.to(room).emit(…)`, without an adapter.
((call_expression
  function: (member_expression
    object: [
      (identifier) @registry @io
      (call_expression
        function: (member_expression
          object: (identifier) @registry @io
          property: (property_identifier) @room))
    ]
    property: (property_identifier) @method)) @at
  (#eq? @method "emit")
  (#any-of? @room "to" "in" "of" "except")
  (#made-by? @registry "socket.io#Server" "socket.io#default" "socket.io#")
  (#first-in-file? @at)
  (#lacks-adapter? @registry)
  (#not-reached-from? @at "next")
  (#several-instances?))

; `bus.emit(…)` in one handler, `bus.on(…)` in another.
((call_expression
  function: (member_expression
    object: (identifier) @registry
    property: (property_identifier) @method)) @at
  (#eq? @method "emit")
  (#made-by? @registry "events#EventEmitter" "events#default" "events#default.EventEmitter" "events#")
  (#scope? @at "request")
  (#heard-elsewhere? @registry)
  (#several-instances?))
