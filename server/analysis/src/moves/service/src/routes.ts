import { Router } from 'express'

/** Every route of the service, the more special before the more general. */
export const routes = Router()
