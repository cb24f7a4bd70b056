/** The server: found, started, watched over and started again. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type ErrorHandler,
  type LanguageClientOptions,
} from 'vscode-languageclient/node';

import { expand, locate, words, VARIABLE, type Found, type Origin, type Search } from './locate';
import { machine } from './machine';
import { middleware } from './middleware';
import { wantedAnywhere } from './wanted';

/** The languages of source files. */
export const LANGUAGES: readonly string[] = ['javascript', 'javascriptreact', 'typescript', 'typescriptreact'];

/** What the server does. */
export type Doing = 'off' | 'starting' | 'reading' | 'ready' | 'failed';

/** A server that stopped so often within so many milliseconds is not started again. */
const OFTEN = 4;
const SPAN = 3 * 60_000;

/** How long `--version` may take, for the log. */
const PATIENCE = 5_000;

/** One server for everything that is open. */
export class Server implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Doing>();
  /** Fires when the server begins to do something else. */
  readonly onDidChange = this.changed.event;
  private running: LanguageClient | undefined;
  private found: Found | undefined;
  private current: Doing = 'off';
  private queue: Promise<void> = Promise.resolve();
  private queued = false;
  private readings = 0;
  private far = '';
  private ends: number[] = [];

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly output: vscode.LogOutputChannel,
  ) {}

  /** The client, while there is one. */
  get client(): LanguageClient | undefined {
    return this.running;
  }

  /** Where the server was found that runs. */
  get origin(): Origin | undefined {
    return this.running && this.found?.origin;
  }

  /** What the server does now. */
  get doing(): Doing {
    return this.current;
  }

  /** The program of the server that runs. */
  get program(): string | undefined {
    return this.running && this.found?.command;
  }

  /** How far the reading of the project is, as in `40 of 300 files`; empty where that is not known. */
  get progress(): string {
    return this.current === 'reading' ? this.far : '';
  }

  /** Starts the server, or starts it anew. Calls that come while one waits are one. */
  restart(): Promise<void> {
    if (this.queued) return this.queue;
    this.queued = true;
    this.ends = [];
    this.queue = this.queue.then(async () => {
      this.queued = false;
      const wanted = await wantedAnywhere();
      await this.stop(wanted ? 'starting' : 'off');
      if (wanted) await this.start();
      else this.output.info('No open folder wants it (routewise.enable, routewise.requireConfig): the server is not started.');
    });
    return this.queue;
  }

  /** Stops the server. It is `off` only when it has been told to leave: until then another may not take its place. */
  async stop(then: 'off' | 'starting' = 'off'): Promise<void> {
    const client = this.running;
    this.running = undefined;
    if (then === 'starting') this.set(then);
    try {
      await client?.dispose();
    } catch (error) {
      // A server that has died cannot be asked to leave.
      this.output.debug(`The server did not leave by itself: ${String(error)}`);
    }
    this.set(then);
  }

  async dispose(): Promise<void> {
    await this.stop();
    this.changed.dispose();
  }

  private async start(): Promise<void> {
    const search = await locate(machine(this.context));
    for (const step of search.steps) this.output.info(`Looked for the server in ${step}`);
    if (!search.found) {
      this.set('failed');
      void this.explainMissing(search);
      return;
    }
    const version = await versionOf(search.found);
    this.output.info(`Starting ${search.found.command}, from ${words(search.found.origin)}: ${version}`);
    this.found = search.found;
    const client = this.make(search.found);
    this.running = client;
    this.readings = 0;
    try {
      await client.start();
      // The reading of the workspace is told as progress, which may have begun, or ended, by now.
      if (this.running === client && this.current === 'starting') this.set('ready');
    } catch (error) {
      this.output.error(`The server did not start: ${String(error)}`);
      this.fail(client, notStarted(search.found));
    }
  }

  private make(found: Found): LanguageClient {
    const settings = vscode.workspace.getConfiguration('routewise');
    const env = { ...process.env, ...settings.get<Record<string, string>>('server.extraEnv', {}) };
    const options: LanguageClientOptions = {
      documentSelector: [
        ...LANGUAGES.map((language) => ({ scheme: 'file', language })),
        // Its cron jobs call routes.
        { scheme: 'file', pattern: '**/vercel.json' },
        // What it hovers: where the project's routes belong.
        { scheme: 'file', pattern: '**/package.json' },
      ],
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: settings,
      synchronize: { configurationSection: 'routewise' },
      diagnosticPullOptions: { onChange: true, onSave: true },
      errorHandler: this.errorHandler(() => client),
      initializationFailedHandler: () => false,
      middleware: {
        ...middleware(() => client),
        handleWorkDoneProgress: (token, params, next) => {
          // Not of one that is told to leave.
          if (this.running === client && String(token).startsWith('routewise/')) this.follow(params);
          next(token, params);
        },
      },
    };
    const configuration = settings.get<string | null>('configPath')?.trim();
    const args = configuration ? ['lsp', '--config', expand(configuration, machine(this.context))] : ['lsp'];
    const program = { command: found.command, args, options: { env } };
    const client = new LanguageClient('routewise', 'Routewise', program, options);
    client.onDidChangeState(({ newState }) => {
      if (this.running !== client) return;
      if (newState === State.Starting) this.set('starting');
      // As when it stops again while it is started anew.
      if (newState === State.StartFailed) this.fail(client, notStarted(found));
      if (newState === State.Running && this.current === 'starting' && this.readings === 0) this.set('ready');
    });
    return client;
  }

  /** Follows the reading of the workspace. */
  private follow({ kind, message }: { readonly kind: string; readonly message?: string }): void {
    // What a server that has died still had to say is not about the one that takes its place.
    if (kind !== 'begin' && this.readings === 0) return;
    if (kind === 'begin') this.readings += 1;
    if (kind === 'end') this.readings = Math.max(0, this.readings - 1);
    const far = kind === 'report' ? (message ?? '') : '';
    const moved = far !== this.far && this.current === 'reading';
    this.far = far;
    this.set(this.readings > 0 ? 'reading' : 'ready');
    if (moved) this.changed.fire(this.current);
  }

  /** Gives a server up, and says so, once. */
  private fail(client: LanguageClient, message: string): void {
    if (this.running !== client) return;
    this.running = undefined;
    this.set('failed');
    void this.explain(message);
  }

  private set(doing: Doing): void {
    if (this.current === doing) return;
    this.current = doing;
    this.changed.fire(doing);
  }

  /** Starts a server that stopped, unless it stops again and again. */
  private errorHandler(client: () => LanguageClient): ErrorHandler {
    return {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => {
        // One that was told to leave, and was slow to do so.
        if (this.running !== client()) return { action: CloseAction.DoNotRestart, handled: true };
        const now = Date.now();
        this.ends = [...this.ends.filter((end) => now - end < SPAN), now];
        this.readings = 0;
        if (this.ends.length < OFTEN) {
          this.output.warn('The server stopped. It is started again.');
          return { action: CloseAction.Restart, handled: true };
        }
        this.output.error(`The server stopped ${OFTEN} times in three minutes. It is not started again.`);
        this.fail(
          client(),
          `Routewise: the server stopped ${OFTEN} times in three minutes and is not started again. ` +
            'The output says why; please report what it shows.',
        );
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  private async explainMissing({ missing }: Search): Promise<void> {
    if (missing) {
      const place = missing.origin === 'setting' ? 'The setting `routewise.server.path`' : `The variable ${VARIABLE}`;
      await this.explain(`Routewise: ${place} names ${missing.command}, but there is no such file. Mend it or remove it.`);
    } else if (vscode.workspace.isTrusted) {
      await this.explain(
        'Routewise: there is no server to run. This build of the extension brings none for this machine: install ' +
          '`routewise` so that it is on the PATH, or name it in `routewise.server.path`.',
      );
    } else {
      const trust = 'Manage Trust';
      const answer = await vscode.window.showWarningMessage(
        'Routewise: this workspace is not trusted, so only the server inside the extension may run, and this build ' +
          'brings none for this machine. Routewise starts when you trust the workspace.',
        trust,
      );
      if (answer === trust) await vscode.commands.executeCommand('workbench.trust.manage');
    }
  }

  private async explain(message: string): Promise<void> {
    const [again, setting, output] = ['Restart', 'Open Setting', 'Show Output'];
    const answer = await vscode.window.showErrorMessage(message, again, setting, output);
    if (answer === again) await this.restart();
    if (answer === output) this.output.show();
    if (answer === setting) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'routewise.server.path');
    }
  }
}

function notStarted({ command, origin }: Found): string {
  return (
    `Routewise: ${command} did not start as a language server. It comes from ${words(origin)}; ` +
    'the output says what it said.'
  );
}

async function versionOf({ command }: Found): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, ['--version'], { timeout: PATIENCE });
    return stdout.trim();
  } catch (error) {
    return `it does not say its version (${String(error)})`;
  }
}
