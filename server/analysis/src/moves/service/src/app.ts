import cors from 'cors'
import express, { type ErrorRequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import morgan from 'morgan'
import { routes } from './routes'

export const origins = (process.env.APP_ORIGINS ?? '').split(',').map((origin) => origin.trim()).filter(Boolean)

export const app = express()

// The Next.js app stands in front and says in X-Forwarded-For who asks.
app.set('trust proxy', Number(process.env.TRUST_PROXY ?? 1))

// Asked by the host, often: neither logged nor limited.
app.get('/healthz', (_request, response) => {
  response.json({ status: 'ok' })
})

app.use(morgan(process.env.NODE_ENV === 'production' ? 'combined' : 'dev'))

// Answers reach the browser under the app's own address, too: what a page may load, who may frame it and
// whether all of the domain is HTTPS is the app's to say.
app.use(
  helmet({
    contentSecurityPolicy: false,
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    strictTransportSecurity: false,
    xFrameOptions: false,
  }),
)

// A handler may have its own answer to OPTIONS.
app.use(cors({ origin: origins, credentials: true, preflightContinue: true }))

app.use(
  rateLimit({
    windowMs: 60_000,
    limit: Number(process.env.RATE_LIMIT ?? 600),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
  }),
)

app.use(routes)

app.use((_request, response) => {
  response.status(404).json({ error: 'Not found' })
})

const onError: ErrorRequestHandler = (error, _request, response, next) => {
  console.error(error)
  if (response.headersSent) {
    // Express ends the connection, so that nobody takes half an answer for a whole one.
    next(error)
    return
  }
  // Express itself says 400 of a URL that cannot be read.
  response.status(typeof error?.status === 'number' ? error.status : 500).end()
}

app.use(onError)
