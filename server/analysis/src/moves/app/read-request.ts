import { decode } from 'node:querystring'

function size(bytes: number) {
  if (bytes % 1024 ** 2 === 0) return `${bytes / 1024 ** 2}mb`
  return bytes % 1024 === 0 ? `${bytes / 1024}kb` : String(bytes)
}

/** The body of a request as API routes of the Pages Router read it; an answer where it cannot be read. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function readBody(request: Request, limit = 1024 * 1024): Promise<any> {
  const bytes = Buffer.from(await request.arrayBuffer())
  if (bytes.length > limit) {
    return new Response(`Body exceeded ${size(limit)} limit`, { status: 413 })
  }
  const type = (request.headers.get('content-type') || 'text/plain').split(';')[0].trim().toLowerCase()
  switch (type) {
    case 'application/json':
    case 'application/ld+json':
      try {
        return bytes.length === 0 ? {} : JSON.parse(bytes.toString())
      } catch {
        return new Response('Invalid JSON', { status: 400 })
      }
    case 'application/x-www-form-urlencoded':
      return decode(bytes.toString())
    case 'text/plain':
      return bytes.toString()
    default:
      return bytes
  }
}

/** A body as `express.json()` reads it: nothing where it is no JSON; an answer where it cannot be read. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function readJson(request: Request, limit = 100 * 1024): Promise<any> {
  const type = (request.headers.get('content-type') || '').split(';')[0].trim().toLowerCase()
  if (type !== 'application/json') return undefined
  const bytes = Buffer.from(await request.arrayBuffer())
  if (bytes.length === 0) return undefined
  if (bytes.length > limit) return new Response('Payload Too Large', { status: 413 })
  try {
    const value = JSON.parse(bytes.toString())
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below.
  }
  return new Response('Bad Request', { status: 400 })
}

type Query = Partial<Record<string, string | string[]>>

/** The query of a URL as an object, with the parameters of the path in it. */
export function readQuery({ searchParams }: URL, params: Query = {}): Query {
  const query: Query = {}
  searchParams.forEach((_, name) => {
    const values = searchParams.getAll(name)
    query[name] = values.length > 1 ? values : values[0]
  })
  return { ...query, ...params }
}
