import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import { Readable } from 'node:stream'
import { parse as parseCookies } from 'cookie'
import express, { type ErrorRequestHandler, type RequestHandler, Router } from 'express'

/** A request as a handler of `pages/api` gets it. */
export interface ApiRequest extends IncomingMessage {
  query: Partial<Record<string, string | string[]>>
  cookies: Partial<Record<string, string>>
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any
}

/** A response as a handler of `pages/api` gets it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface ApiResponse<Data = any> extends ServerResponse {
  status(code: number): ApiResponse<Data>
  send(body: Data): void
  json(body: Data): void
  redirect(url: string): ApiResponse<Data>
  redirect(status: number, url: string): ApiResponse<Data>
}

/** A handler of `pages/api`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type ApiHandler<Data = any> = (req: ApiRequest, res: ApiResponse<Data>) => unknown

/** What a file of `pages/api` exports. */
interface Module {
  // A method: a handler may say more of its response than every response has.
  default(req: ApiRequest, res: ApiResponse): unknown
  readonly config?: { api?: { bodyParser?: boolean | { sizeLimit?: string | number } } }
}

/** Serves a module of `pages/api`, by the rules of Next.js about the body. */
export function api(path: string, module: Module): Router {
  const { bodyParser = true } = module.config?.api ?? {}
  const limit = (typeof bodyParser === 'object' ? bodyParser.sizeLimit : undefined) ?? '1mb'
  const parsers = [
    express.json({ limit, strict: false, type: ['application/json', 'application/ld+json'] }),
    express.urlencoded({ limit, extended: false }),
    express.text({ limit, type: 'text/plain' }),
    express.raw({ limit, type: () => true }),
  ]
  const unreadable: ErrorRequestHandler = (error, _req, res, next) => {
    if (error.type === 'entity.parse.failed') res.status(400).end('Invalid JSON')
    else if (error.type === 'entity.too.large') res.status(413).end(`Body exceeded ${limit} limit`)
    else next(error)
  }
  const handle: RequestHandler = async (req, res) => {
    const [, search = ''] = req.originalUrl.split('?', 2)
    const more = {
      query: { ...parseQuery(search), ...req.params },
      cookies: parseCookies(req.headers.cookie ?? ''),
      body: bodyParser ? (req.body ?? (req.is('json') ? {} : '')) : undefined,
    }
    // Express reads the query anew each time it is asked for.
    for (const [name, value] of Object.entries(more)) {
      Object.defineProperty(req, name, { value, writable: true, configurable: true, enumerable: true })
    }
    const sendAll = res.send.bind(res)
    const answers = {
      send: (body: unknown) => (body instanceof Readable ? body.pipe(res) : sendAll(body)),
      redirect: (first: number | string, second?: string) => {
        const [status, url] = typeof first === 'string' ? [307, first] : [first, second ?? '/']
        return res.writeHead(status, { location: url }).end(url)
      },
    }
    await module.default(req as unknown as ApiRequest, Object.assign(res, answers) as unknown as ApiResponse)
  }
  const router = Router()
  router.all(path, ...(bodyParser ? parsers : []), unreadable, handle)
  return router
}
