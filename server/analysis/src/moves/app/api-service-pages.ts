import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { forward } from './api-service'

/** Sends a request of `pages/api` on to the API service, and gives its answer back as it comes. */
export async function forwardApi(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const method = req.method ?? 'GET'
  const headers = new Headers()
  for (const [name, value] of Object.entries(req.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one)
  }
  const left = new AbortController()
  res.once('close', () => left.abort())
  const init: RequestInit & { duplex: 'half' } = { method, headers, duplex: 'half', signal: left.signal }
  if (method !== 'GET' && method !== 'HEAD') init.body = Readable.toWeb(req) as BodyInit
  const url = new URL(req.url ?? '/', `http://${req.headers.host ?? 'localhost'}`)
  const answer = await forward(new Request(url, init))
  res.statusCode = answer.status
  for (const [name, value] of answer.headers) {
    if (name !== 'set-cookie') res.setHeader(name, value)
  }
  const cookies = answer.headers.getSetCookie()
  if (cookies.length > 0) res.setHeader('set-cookie', cookies)
  if (!answer.body) {
    res.end()
    return
  }
  // Who leaves in the middle has left: that is no error.
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), res).catch((error: unknown) => {
    if (!left.signal.aborted) throw error
  })
}
