/** What is done on the way between VS Code and the server. */

import * as vscode from 'vscode';
import { vsdiag, type LanguageClient, type Location, type Middleware, type Position } from 'vscode-languageclient/node';

import { isOurs, ruleOf } from './explain';
import { settingsFor } from './wanted';

/** The kind of the actions that put a comment instead of mending. */
const SUPPRESS = vscode.CodeActionKind.QuickFix.append('suppress');

/** What stands between VS Code and a client. */
export function middleware(client: () => LanguageClient): Middleware {
  return {
    executeCommand: (command, given, next) =>
      command === 'routewise.callers' ? showCallers(client(), given) : next(command, given),
    // Findings that are to be renewed on saving stay as they are until then.
    provideDiagnostics: (document, previous, token, next) =>
      previous !== undefined && waitsForSaving(document)
        ? { kind: vsdiag.DocumentDiagnosticReportKind.unChanged, resultId: previous }
        : next(document, previous, token),
    provideHover: async (document, position, token, next) => {
      const hover = await next(document, position, token);
      return hover && withoutMessages(hover, document.uri, position);
    },
    provideCodeLenses: (document, token, next) => (isOn('codeLens', document.uri) ? next(document, token) : []),
    provideInlayHints: (document, range, token, next) =>
      isOn('inlayHints', document.uri) ? next(document, range, token) : [],
    provideCodeActions: async (document, range, context, token, next) => {
      const offered = (await next(document, range, context, token)) ?? [];
      const silences = isOn('codeAction.disableRuleComment', document.uri);
      const kept = offered.filter((action) => silences || !('kind' in action && action.kind && SUPPRESS.contains(action.kind)));
      return isOn('codeAction.showDocumentation', document.uri) ? [...kept, ...explanations(context)] : kept;
    },
    workspace: {
      configuration: async (params, token, next) => {
        const answers = await next(params, token);
        if (!Array.isArray(answers)) return answers;
        return Promise.all(answers.map((answer, at) => settingsFor(params.items[at]?.scopeUri, answer)));
      },
    },
  };
}

function isOn(feature: string, scope: vscode.Uri): boolean {
  return vscode.workspace.getConfiguration('routewise', scope).get(`${feature}.enable`, true);
}

function waitsForSaving(document: vscode.TextDocument | vscode.Uri): boolean {
  if (!('isDirty' in document) || !document.isDirty) return false;
  return vscode.workspace.getConfiguration('routewise', document.uri).get('run') === 'onSave';
}

/** VS Code puts the messages of findings above a hover: they are not wanted twice. */
function withoutMessages(hover: vscode.Hover, uri: vscode.Uri, position: vscode.Position): vscode.Hover {
  const here = vscode.languages.getDiagnostics(uri).filter((found) => isOurs(found) && found.range.contains(position));
  for (const part of hover.contents) {
    if (!(part instanceof vscode.MarkdownString)) continue;
    for (const { message } of here) part.value = part.value.replace(`**${message}**\n\n`, () => '');
  }
  return hover;
}

/** An action for each rule that has a finding here, and explains it. */
function explanations({ diagnostics, only }: vscode.CodeActionContext): vscode.CodeAction[] {
  if (only && !only.contains(vscode.CodeActionKind.QuickFix)) return [];
  const rules = new Set(diagnostics.filter(isOurs).map(ruleOf).filter((rule) => rule !== undefined));
  return [...rules].map((rule) => {
    const title = `Explain ${rule}`;
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.command = { command: 'routewise.explain', title, arguments: [rule] };
    return action;
  });
}

/** A lens brings the places of the callers along, and VS Code has a view for places. */
async function showCallers(client: LanguageClient, given: unknown[]): Promise<void> {
  const [uri, at, places] = given as [string, Position, Location[]];
  const { protocol2CodeConverter: read } = client;
  const shown = places.map((place) => read.asLocation(place));
  await vscode.commands.executeCommand('editor.action.showReferences', read.asUri(uri), read.asPosition(at), shown);
}
