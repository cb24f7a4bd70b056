import type { Server } from 'node:http'
import type { WebSocketServer } from 'ws'
import { origins } from './app'

/** The WebSocket server of each path. */
const sockets = new Map<string, WebSocketServer>()

/** Hands a connection that is to become a WebSocket over to the server of its path. */
export function attach(server: Server) {
  server.on('upgrade', (request, socket, head) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const handler = sockets.get(pathname)
    // Somebody else may know the path.
    if (!handler && server.listenerCount('upgrade') > 1) return
    // Browsers say whose page asks, and no rule of theirs keeps other websites out.
    const { origin } = request.headers
    if (!handler || (origin && !origins.includes(origin))) {
      socket.end(`HTTP/1.1 ${handler ? '403 Forbidden' : '404 Not Found'}\r\nConnection: close\r\n\r\n`)
      return
    }
    handler.handleUpgrade(request, socket, head, (client) => {
      handler.emit('connection', client, request)
    })
  })
}

// A socket that is open would keep the process.
function leave() {
  for (const { clients } of sockets.values()) {
    for (const client of clients) client.close(1001)
  }
}

process.once('SIGINT', leave)
process.once('SIGTERM', leave)
