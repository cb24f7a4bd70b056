import { createRequest, sendResponse } from '@remix-run/node-fetch-server'
import { Router } from 'express'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

type Method = (typeof METHODS)[number]

/** What a route file of Next.js exports for a method. */
type Handler = (request: Request, context: never) => unknown

/** Serves a module that exports a handler for each method, by the rules of Next.js: GET answers HEAD, too. */
export function web(path: string, module: { readonly [method in Method]?: Handler }): Router {
  const handlers = { ...module, HEAD: module.HEAD ?? module.GET }
  const allowed = METHODS.filter((method) => method === 'OPTIONS' || handlers[method]).sort()
  const router = Router()
  router.all(path, async (req, res) => {
    const handler = handlers[req.method as Method]
    if (!handler) {
      const asks = req.method === 'OPTIONS'
      if (asks) res.set('Allow', allowed.join(', '))
      res.status(asks ? 204 : 405).end()
      return
    }
    const request = createRequest(req, res, { protocol: `${req.protocol}:`, host: req.host })
    const params = { ...req.params }
    // Next.js 15 and later hand out a promise, those before the values themselves: this is both.
    const context = { params: Object.assign(Promise.resolve(params), params) }
    const response = await handler(request, context as never)
    if (!(response instanceof Response)) throw new TypeError(`${req.method} ${path} returned no response`)
    // Who asked may be gone by now.
    if (!res.destroyed) await sendResponse(res, response)
  })
  return router
}
