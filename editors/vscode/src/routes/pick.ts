/** A list to type into: every route by URL, method and file. */

import * as vscode from 'vscode';

import { name } from './icons';
import { methods, type Route } from './model';
import type { Routes } from './store';
import { open, place } from './view';

interface Item extends vscode.QuickPickItem {
  readonly route: Route;
}

/** Has a route picked, and opens it. */
export async function goToRoute(routes: Routes): Promise<void> {
  const picked = await pick(routes, 'Go to Route');
  if (!picked) return;
  const { command, arguments: given = [] } = open(picked);
  await vscode.commands.executeCommand(command, ...given);
}

/** Has one of some routes picked. */
export async function pick(
  routes: Routes,
  title: string,
  among: (route: Route) => boolean = () => true,
): Promise<Route | undefined> {
  await routes.refresh();
  const items = routes.answer.routes.filter(among).map(
    (route): Item => ({
      label: `$(${name([route])}) ${route.url}`,
      description: methods([route]),
      detail: place(route),
      route,
    }),
  );
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: items.length > 0 ? 'A part of a URL, a method or a file' : 'No routes were found',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.route;
}
