/** Icons for methods, in the colours of verdicts: of what is wrong first, then of where a route belongs. */

import * as vscode from 'vscode';

import { worst, type Route, type Verdict } from './model';

const OF_METHOD: Readonly<Record<string, string>> = {
  GET: 'arrow-down',
  HEAD: 'eye',
  OPTIONS: 'question',
  POST: 'add',
  PUT: 'arrow-up',
  PATCH: 'edit',
  DELETE: 'trash',
};

const COLOURS: Readonly<Record<Verdict, string | undefined>> = {
  error: 'list.errorForeground',
  warning: 'list.warningForeground',
  information: undefined,
  hint: undefined,
};

/** The icon of one or more routes with the same URL. */
export function icon(routes: readonly Route[]): vscode.ThemeIcon {
  const verdict = worst(routes);
  const moves = routes.some(({ fit }) => fit?.verdict === 'persistent');
  const colour = (verdict && COLOURS[verdict]) ?? (moves ? 'charts.purple' : undefined);
  return new vscode.ThemeIcon(name(routes), colour ? new vscode.ThemeColor(colour) : undefined);
}

/** The name of that icon, without its colour. */
export function name(routes: readonly Route[]): string {
  const [only, ...more] = new Set(routes.flatMap((route) => route.methods));
  if (only === undefined || more.length > 0) return 'arrow-swap';
  return OF_METHOD[only] ?? 'arrow-swap';
}
