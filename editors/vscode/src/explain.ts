/** All that is known of a rule, beside the code: what `routewise explain` prints. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';

const SCHEME = 'routewise-rule';
const run = promisify(execFile);

/** Whether a diagnostic comes from Routewise. */
export function isOurs({ source }: vscode.Diagnostic): boolean {
  return source === 'routewise';
}

/** The rule of a diagnostic; the configuration has problems without one. */
export function ruleOf({ code }: vscode.Diagnostic): string | undefined {
  const id = typeof code === 'object' ? code.value : code;
  return typeof id === 'string' && id.includes('/') ? id : undefined;
}

/** Shows what the program says of rules. */
export class Explanations implements vscode.TextDocumentContentProvider {
  constructor(private readonly program: () => string | undefined) {}

  /** Registers the documents that the rules are shown in. */
  register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  async provideTextDocumentContent({ path }: vscode.Uri): Promise<string> {
    return this.ask('explain', path.replace(/^\//, '').replace(/\.md$/, ''));
  }

  /** Explains a rule: the one that is named, else that of the finding at the cursor, else one that is picked. */
  async show(named?: string): Promise<void> {
    const rule = named ?? ruleAtCursor() ?? (await this.pick());
    if (rule === undefined) return;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${rule}.md` });
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  }

  private async pick(): Promise<string | undefined> {
    const { rules } = JSON.parse(await this.ask('rules', '--format', 'json')) as { rules: Rule[] };
    const items = rules.map(({ id, title }) => ({ label: id, description: title }));
    const picked = await vscode.window.showQuickPick(items, { title: 'Explain Rule', matchOnDescription: true });
    return picked?.label;
  }

  private async ask(...given: string[]): Promise<string> {
    const program = this.program();
    if (program === undefined) throw new Error('Routewise: there is no server to ask about rules.');
    return (await run(program, [...given, '--color', 'never'])).stdout;
  }
}

interface Rule {
  readonly id: string;
  readonly title: string;
}

function ruleAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const found = vscode.languages.getDiagnostics(editor.document.uri).filter(isOurs);
  const at = editor.selection.active;
  const here = found.find(({ range }) => range.contains(at)) ?? found.find(({ range }) => range.start.line === at.line);
  return here && ruleOf(here);
}
