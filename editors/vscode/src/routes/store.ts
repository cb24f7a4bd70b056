/** The routes as the server last told of them, asked for again when something changes. */

import * as vscode from 'vscode';
import { State, type LanguageClient } from 'vscode-languageclient/node';

import { routesRequest } from '../protocol';
import type { RoutesAnswer } from './model';

/** Changes come in flocks: the server is asked when it has been quiet for so long. */
const QUIET = 400;

const NOTHING: RoutesAnswer = { packages: [], routes: [] };

/** Keeps the routes. */
export class Routes implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when there are other routes. */
  readonly onDidChange = this.changed.event;
  private current = NOTHING;
  private timer: NodeJS.Timeout | undefined;
  private asking = false;
  private again = false;
  private stale = false;
  private watched = true;

  constructor(private readonly client: () => LanguageClient | undefined) {}

  /** The routes. */
  get answer(): RoutesAnswer {
    return this.current;
  }

  /** Says whether somebody looks. Unwatched, the routes are only marked as stale. */
  watch(watched: boolean): void {
    this.watched = watched;
    if (watched && this.stale) this.touch();
  }

  /** Something has changed. What is not saved waits until somebody looks. */
  touch(saved = false): void {
    this.stale = true;
    if (!this.watched && !saved) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), QUIET);
  }

  /** Forgets everything, as when the server stops. */
  clear(): void {
    clearTimeout(this.timer);
    this.current = NOTHING;
    this.changed.fire();
  }

  /** Asks now. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const client = this.client();
    if (client?.state !== State.Running) return;
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    this.stale = false;
    try {
      this.current = await client.sendRequest(routesRequest);
      this.changed.fire();
    } catch (error) {
      // An older server does not know the request; one that is stopping refuses it.
      client.outputChannel.appendLine(`The routes could not be asked for: ${String(error)}`);
    } finally {
      this.asking = false;
    }
    if (this.again) {
      this.again = false;
      this.touch();
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.changed.dispose();
  }
}
