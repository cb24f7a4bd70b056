/** Where the routes belong: the page of `routewise decide`, in a panel beside the code. */

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { State, type LanguageClient } from 'vscode-languageclient/node';

import { decisionRequest, type Decision } from './protocol';
import { LANGUAGES } from './server';

/** What the page asks for when somebody follows a link. */
interface Message {
  open?: { path: string; line: number; column: number };
}

/** The panel, of which there is one. */
export class DecisionPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private root: string | undefined;

  constructor(private readonly client: () => LanguageClient | undefined) {}

  /** Whether it is open, for tests and others. */
  get isOpen(): boolean {
    return this.panel !== undefined;
  }

  /** Shows the page, as things are now. */
  async show(): Promise<void> {
    const client = this.client();
    if (client?.state !== State.Running) {
      void vscode.window.showWarningMessage('Routewise: the server does not run, so that nothing can be decided.');
      return;
    }
    const panel = (this.panel ??= this.make());
    panel.reveal(undefined, true);
    const nonce = randomBytes(18).toString('base64url');
    const progress = { location: { viewId: 'routewise.routes' } };
    const answer = await vscode.window.withProgress(progress, () =>
      client.sendRequest(decisionRequest, { format: 'html', nonce }),
    );
    this.root = answer.root ?? undefined;
    // It may have been closed while the server was asked.
    if (this.panel === panel) panel.webview.html = answer.html ?? '';
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private make(): vscode.WebviewPanel {
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false };
    const panel = vscode.window.createWebviewPanel('routewise.decision', 'Decision', column, {
      enableScripts: true,
      enableFindWidget: true,
      localResourceRoots: [],
    });
    panel.onDidDispose(() => {
      this.panel = undefined;
    });
    panel.webview.onDidReceiveMessage((message: Message) => void this.open(message));
    return panel;
  }

  private async open({ open }: Message): Promise<void> {
    if (!open) return;
    const root = this.root ? vscode.Uri.parse(this.root) : vscode.workspace.workspaceFolders?.[0]?.uri;
    const file = open.path.startsWith('/') ? root?.with({ path: open.path }) : root && vscode.Uri.joinPath(root, open.path);
    if (!file) return;
    const place = new vscode.Position(Math.max(0, open.line - 1), Math.max(0, open.column - 1));
    await vscode.window.showTextDocument(file, {
      selection: new vscode.Range(place, place),
      viewColumn: vscode.ViewColumn.One,
    });
  }
}

/** The verdict in a word or two. */
export function verdictOf(decision: Decision): string {
  return { next: 'Next.js', express: 'Express', both: 'Next.js and Express' }[decision.verdict];
}

/** How the routes fit, in as many words as a line of the status bar has room for. */
function inShort({ routes }: Decision): string {
  const count = (wanted: string): number => routes.filter(({ verdict }) => verdict === wanted).length;
  const [moves, changes] = [count('persistent'), count('fits-with-changes')];
  const told = [moves > 0 && `${moves} for a process`, changes > 0 && `${changes} to change`].filter(Boolean);
  return `${routes.length - moves - changes} of ${routes.length} fit${told.length > 0 ? `: ${told.join(', ')}` : ''}`;
}

/** Changes come in flocks: the server is asked when it has been quiet for so long. */
const QUIET = 1_500;

/** The verdict in the status bar, as of the files that are saved. */
export class Verdict implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('routewise.verdict', [...LANGUAGES]);
  private timer: NodeJS.Timeout | undefined;
  private told: string | undefined;

  constructor(private readonly client: () => LanguageClient | undefined) {
    this.item.name = 'Routewise: where the routes belong';
    this.item.command = { command: 'routewise.showDecision', title: 'Show Decision' };
    this.clear();
  }

  /** The verdict that is shown, for tests and others. */
  get shown(): string | undefined {
    return this.told;
  }

  /** Something may have changed it. */
  touch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), QUIET);
  }

  /** There is none, as when the server stops. */
  clear(): void {
    clearTimeout(this.timer);
    this.told = undefined;
    this.item.text = 'No verdict';
    this.item.detail = 'the server does not run';
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.item.dispose();
  }

  private async ask(): Promise<void> {
    const client = this.client();
    if (client?.state !== State.Running) return;
    this.item.busy = true;
    try {
      const decision = await client.sendRequest(decisionRequest, {});
      if (this.client() !== client) return;
      this.told = verdictOf(decision);
      this.item.text = decision.either ? `${this.told} (either is fine)` : this.told;
      this.item.detail = inShort(decision);
    } catch (error) {
      client.outputChannel.appendLine(`The verdict could not be asked for: ${String(error)}`);
    } finally {
      this.item.busy = false;
    }
  }
}
