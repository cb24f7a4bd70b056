; `new WebSocketServer(…)` of ws, `new Server(…)` of Socket.IO.
((new_expression) @at
  (#socket-server? @at "response-socket"))

; µWebSockets (`App()`, `uWS.SSLApp()`), and Socket.IO as a function (`require("socket.io")(server)`): the names that
; people give them keep other calls out.
((call_expression
  function: (_) @callee) @at
  (#match? @callee
    "^([a-zA-Z]+[.])?(App|SSLApp)$|^([iI]o|[sS]ocket(io|Io|IO)|SocketIO|Server|serve)$|^require[(].socket[.]io.[)]$")
  (#socket-server? @at "response-socket"))
