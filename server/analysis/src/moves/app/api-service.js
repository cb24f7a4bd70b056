/** Headers that are about one connection, not about the message. */
const OF_THE_CONNECTION = [
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Sends a request on to the API service, and gives its answer back as it comes. */
export async function forward(request) {
  const service = process.env.API_SERVICE_URL
  if (!service) throw new Error('API_SERVICE_URL is not set: it names the API service, see .env.example')
  const { pathname, search, host, protocol } = new URL(request.url)
  const headers = new Headers(request.headers)
  for (const name of OF_THE_CONNECTION) headers.delete(name)
  if (!headers.has('x-forwarded-host')) headers.set('x-forwarded-host', request.headers.get('host') ?? host)
  if (!headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', protocol.slice(0, -1))
  const init = {
    method: request.method,
    headers,
    body: request.body,
    duplex: 'half',
    redirect: 'manual',
    cache: 'no-store',
    signal: request.signal,
  }
  const answer = await fetch(new URL(pathname + search, service), init)
  const received = new Headers(answer.headers)
  // `fetch` has undone the compression, and what comes has another length.
  if (received.has('content-encoding')) {
    received.delete('content-encoding')
    received.delete('content-length')
  }
  for (const name of OF_THE_CONNECTION) received.delete(name)
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers: received })
}
