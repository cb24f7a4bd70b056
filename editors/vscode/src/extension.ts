/** Routewise in VS Code: starts the server, and shows what it knows where people of VS Code look for it. */

import * as vscode from 'vscode';

import { DecisionPanel, Verdict } from './decision';
import { Explanations } from './explain';
import { moveRoute } from './move';
import { goToRoute } from './routes/pick';
import { Routes } from './routes/store';
import { RoutesView, VIEW } from './routes/view';
import type { Route, RoutesAnswer, UrlNode } from './routes/model';
import type { Origin } from './locate';
import { LANGUAGES, Server, type Doing } from './server';
import { Status } from './status';
import { CONFIGURATIONS, configurationDecides } from './wanted';

let server: Server | undefined;

/** What other extensions, and the tests, may ask. */
export interface Api {
  /** What the server does. */
  doing(): Doing;
  /** Where the server was found. */
  origin(): Origin | undefined;
  /** The routes as they were last told. */
  routes(): RoutesAnswer;
  /** Whether the panel of the decision is open. */
  decides(): boolean;
  /** The verdict in the status bar. */
  verdict(): string | undefined;
}

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  const output = vscode.window.createOutputChannel('Routewise', { log: true });
  const running = (server = new Server(context, output));
  const routes = new Routes(() => running.client);
  const explanations = new Explanations(() => running.program);
  const view = vscode.window.createTreeView(VIEW, { treeDataProvider: new RoutesView(routes), showCollapseAll: true });
  const panel = new DecisionPanel(() => running.client);
  const verdict = new Verdict(() => running.client);
  const command = (id: string, run: (...given: never[]) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`routewise.${id}`, run);

  context.subscriptions.push(
    output,
    running,
    routes,
    view,
    panel,
    verdict,
    new Status(running, routes),
    explanations.register(),
    command('restart', () => running.restart()),
    command('showOutput', () => output.show()),
    command('showRoutes', () => vscode.commands.executeCommand(`${VIEW}.focus`)),
    command('showDecision', () => panel.show()),
    command('goToRoute', () => goToRoute(routes)),
    command('moveRoute', (node?: UrlNode | { route: Route }) => moveRoute(routes, node)),
    command('refreshRoutes', () => routes.refresh()),
    command('applyAllFixes', () => fixAll(running)),
    command('explain', (rule?: string) => explanations.show(rule)),
    command('copyUrl', (node?: UrlNode | { route: Route }) => copyUrl(node)),
    running.onDidChange((doing) => {
      const active = doing === 'ready' || doing === 'reading';
      void vscode.commands.executeCommand('setContext', 'routewise.active', active);
      void vscode.commands.executeCommand('setContext', 'routewise.read', doing === 'ready');
      if (doing === 'ready') {
        void routes.refresh();
        verdict.touch();
      }
      if (doing === 'off' || doing === 'failed') {
        routes.clear();
        verdict.clear();
      }
    }),
    routes.onDidChange(() => {
      const wrong = routes.answer.routes.filter((route) => route.verdict === 'error').length;
      view.badge = wrong > 0 ? { value: wrong, tooltip: `${wrong} with an error` } : undefined;
    }),
    view.onDidChangeVisibility(({ visible }) => routes.watch(visible)),
    ...whenSomethingChanges((saved) => {
      routes.touch(saved);
      if (saved) verdict.touch();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const decisive = ['enable', 'requireConfig', 'configPath', 'server.path', 'server.extraEnv'];
      if (decisive.some((key) => change.affectsConfiguration(`routewise.${key}`))) void running.restart();
    }),
    ...whenConfigurationsComeOrGo(() => {
      if (configurationDecides()) void running.restart();
    }),
  );
  routes.watch(view.visible);
  await running.restart();
  return {
    doing: () => running.doing,
    origin: () => running.origin,
    routes: () => routes.answer,
    decides: () => panel.isOpen,
    verdict: () => verdict.shown,
  };
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

/** What may change routes and what is wrong with them. */
function whenSomethingChanges(touch: (saved: boolean) => void): vscode.Disposable[] {
  const [typed, saved] = [() => touch(false), () => touch(true)];
  return [
    vscode.languages.onDidChangeDiagnostics(typed),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (LANGUAGES.includes(document.languageId)) typed();
    }),
    vscode.workspace.onDidSaveTextDocument(saved),
    vscode.workspace.onDidCreateFiles(saved),
    vscode.workspace.onDidDeleteFiles(saved),
    vscode.workspace.onDidRenameFiles(saved),
  ];
}

function whenConfigurationsComeOrGo(tell: () => void): vscode.Disposable[] {
  const watcher = vscode.workspace.createFileSystemWatcher(CONFIGURATIONS, false, true, false);
  return [watcher, watcher.onDidCreate(tell), watcher.onDidDelete(tell)];
}

async function fixAll(server: Server): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document || !LANGUAGES.includes(document.languageId)) {
    void vscode.window.showInformationMessage('Routewise: open a JavaScript or TypeScript file to fix.');
    return;
  }
  if (!server.client) {
    void vscode.window.showWarningMessage('Routewise: the server does not run, so that nothing can be fixed.');
    return;
  }
  const { client } = server;
  const uri = client.code2ProtocolConverter.asUri(document.uri);
  await client.sendRequest('workspace/executeCommand', { command: 'routewise.fixAll', arguments: [uri] });
}

async function copyUrl(node?: UrlNode | { route: Route }): Promise<void> {
  const url = node && ('route' in node ? node.route.url : node.url);
  if (url) await vscode.env.clipboard.writeText(url);
}
