/** What the server answers to requests of our own. */

import { RequestType0 } from 'vscode-languageclient/node';

import type { RoutesAnswer } from './routes/model';

/** The routes and packages of everything that is open. */
export const routesRequest = new RequestType0<RoutesAnswer, void>('routewise/overview');
