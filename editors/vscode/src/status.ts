/** The item behind the braces in the status bar: where the code runs, and what is found. */

import * as vscode from 'vscode';

import type { Package } from './routes/model';
import type { Routes } from './routes/store';
import { LANGUAGES, type Server } from './server';

/** Keeps the item up to date. */
export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('routewise.status', [...LANGUAGES]);
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly routes: Routes,
  ) {
    this.item.name = 'Routewise';
    const show = (): void => this.show();
    this.subscriptions = [
      this.item,
      server.onDidChange(show),
      routes.onDidChange(show),
      vscode.languages.onDidChangeDiagnostics(show),
      vscode.window.onDidChangeActiveTextEditor(show),
    ];
    this.show();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private show(): void {
    const { item } = this;
    const { doing } = this.server;
    const restart = { command: 'routewise.restart', title: 'Restart' };
    item.busy = doing === 'starting' || doing === 'reading';
    item.severity = doing === 'failed' ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    if (doing === 'off' || doing === 'failed') {
      item.text = doing === 'off' ? 'Routewise is off' : 'Routewise does not run';
      item.detail = doing === 'off' ? 'by its settings, or stopped' : 'the output says why';
      item.command = doing === 'off' ? restart : { command: 'routewise.showOutput', title: 'Show Output' };
      return;
    }
    const routes = this.routes.answer.routes.length;
    const { progress } = this.server;
    item.text = this.host();
    item.detail = item.busy
      ? `Routewise reads the project${progress ? `: ${progress}` : ''}`
      : `${plural(routes, 'route')} · ${counted()}`;
    item.command = { command: 'routewise.showRoutes', title: 'Show Routes' };
  }

  /** Where the code in the active editor runs. */
  private host(): string {
    const file = vscode.window.activeTextEditor?.document.uri.toString();
    const holds = (candidate: Package): boolean => file !== undefined && file.startsWith(`${candidate.uri}/`);
    const { packages } = this.routes.answer;
    const nearest = packages.filter(holds).sort((a, b) => b.uri.length - a.uri.length)[0];
    const meant = nearest ?? (packages.length === 1 ? packages[0] : undefined);
    if (!meant) return 'Routewise';
    return meant.target.id === 'unknown' ? 'Host unknown' : (meant.target.name ?? meant.target.id);
  }
}

/** What is found in the files that are open, in words. */
function counted(): string {
  let errors = 0;
  let warnings = 0;
  for (const [, diagnostics] of vscode.languages.getDiagnostics()) {
    for (const { source, severity } of diagnostics) {
      if (source !== 'routewise') continue;
      if (severity === vscode.DiagnosticSeverity.Error) errors += 1;
      if (severity === vscode.DiagnosticSeverity.Warning) warnings += 1;
    }
  }
  const counts = [errors && plural(errors, 'error'), warnings && plural(warnings, 'warning')].filter(Boolean);
  return counts.length > 0 ? `${counts.join(', ')} in open files` : 'nothing wrong in open files';
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
