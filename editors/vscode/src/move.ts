/** A route of Next.js moves to an Express service: what the server offers as a refactoring, as a command. */

import * as vscode from 'vscode';

import type { Route, UrlNode } from './routes/model';
import { pick } from './routes/pick';
import type { Routes } from './routes/store';

/** The kind of the refactoring. */
const KIND = 'refactor.move.routewise';

/** Moves the route that is meant (of a row in the view, of the editor, else picked), after asking. */
export async function moveRoute(routes: Routes, node?: UrlNode | { route: Route }): Promise<void> {
  const route = ofNode(node) ?? (await ofEditor(routes)) ?? (await pick(routes, 'Move Route to an Express Service', isNext));
  if (!route) return;
  const action = await refactoring(route);
  const edit = action?.edit;
  if (!action || !edit) {
    // The server has said why, where it has a reason.
    if (!action) {
      void vscode.window.showInformationMessage(`Routewise: ${route.url} cannot be moved from here. \`routewise move\` in a terminal says why.`);
    }
    return;
  }
  const files = edit.entries().map(([uri]) => vscode.workspace.asRelativePath(uri));
  const detail = [...new Set(files)].sort().join('\n');
  const move = 'Move';
  const answer = await vscode.window.showInformationMessage(`${action.title}: ${route.url}`, { modal: true, detail }, move);
  if (answer === move) await vscode.workspace.applyEdit(edit, { isRefactoring: true });
}

/** What the server offers for a route, with its edit. */
async function refactoring({ uri, range: { start } }: Route): Promise<vscode.CodeAction | undefined> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  await vscode.window.showTextDocument(document);
  const at = new vscode.Position(start.line, start.character);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    new vscode.Range(at, at),
    KIND,
    1,
  );
  return actions.find(({ kind }) => kind?.value === KIND);
}

const isNext = ({ framework }: Route): boolean => framework !== 'express';

function ofNode(node?: UrlNode | { route: Route }): Route | undefined {
  if (!node) return undefined;
  return 'route' in node ? node.route : node.routes.find(isNext);
}

/** The one route of the file in the active editor. */
async function ofEditor(routes: Routes): Promise<Route | undefined> {
  const uri = vscode.window.activeTextEditor?.document.uri.toString();
  if (uri === undefined) return undefined;
  await routes.refresh();
  return routes.answer.routes.find((route) => isNext(route) && vscode.Uri.parse(route.uri).toString() === uri);
}
