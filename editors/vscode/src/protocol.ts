/** What the server answers to requests of our own. */

import { RequestType, RequestType0 } from 'vscode-languageclient/node';

import type { RoutesAnswer } from './routes/model';

/** The routes and packages of everything that is open. */
export const routesRequest = new RequestType0<RoutesAnswer, void>('routewise/overview');

/** Where the routes belong; what a page does not need of it is left out here. */
export interface Decision {
  readonly verdict: 'next' | 'express' | 'both';
  readonly either: boolean;
  readonly summary: string;
  readonly routes: readonly { readonly verdict: 'fits' | 'fits-with-changes' | 'persistent' }[];
  readonly html?: string;
  /** The folder that paths are seen from. */
  readonly root?: string | null;
}

/** Where the routes belong, with a page where one is asked for. */
export const decisionRequest = new RequestType<{ format?: 'html' | 'markdown'; nonce?: string }, Decision, void>(
  'routewise/decision',
);
