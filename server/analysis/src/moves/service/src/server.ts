import { createServer } from 'node:http'
import { app } from './app'

const server = createServer(app)
const port = Number(process.env.PORT ?? 4000)

server.listen(port, () => {
  console.log(`The API service listens on port ${port}`)
})

// No new requests; those that run may end. Whatever is left after ten seconds is cut off.
function shutDown() {
  server.close(() => process.exit())
  server.closeIdleConnections()
  setTimeout(() => process.exit(), 10_000).unref()
}

process.once('SIGINT', shutDown)
process.once('SIGTERM', shutDown)
