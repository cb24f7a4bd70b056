/** Which folders Routewise looks at. */

import * as vscode from 'vscode';

/** The files whose coming and going may change that. */
export const CONFIGURATIONS = '**/routewise.{json,jsonc}';

/** What a folder says that is left alone: the server reads nothing of it. */
const NOTHING = { exclude: ['**'] };

/** Whether a folder is to be looked at. */
async function wanted(folder: vscode.WorkspaceFolder): Promise<boolean> {
  const settings = vscode.workspace.getConfiguration('routewise', folder.uri);
  if (!settings.get('enable', true)) return false;
  return !settings.get('requireConfig', false) || (await hasConfiguration(folder));
}

/** Whether there is anything for a server to do. */
export async function wantedAnywhere(): Promise<boolean> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) return vscode.workspace.getConfiguration('routewise').get('enable', true);
  return (await Promise.all(folders.map(wanted))).includes(true);
}

/** Whether the coming or going of a configuration matters. */
export function configurationDecides(): boolean {
  const requires = (folder: vscode.WorkspaceFolder): boolean =>
    vscode.workspace.getConfiguration('routewise', folder.uri).get('requireConfig', false);
  return vscode.workspace.workspaceFolders?.some(requires) ?? false;
}

/** The settings of a scope as the server is to have them. */
export async function settingsFor(scope: string | undefined, settings: unknown): Promise<unknown> {
  const folder = scope === undefined ? undefined : vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(scope));
  if (!folder || (await wanted(folder))) return settings;
  return { ...(settings as object | null), ...NOTHING };
}

async function hasConfiguration(folder: vscode.WorkspaceFolder): Promise<boolean> {
  const pattern = new vscode.RelativePattern(folder, CONFIGURATIONS);
  if ((await vscode.workspace.findFiles(pattern, '**/node_modules/**', 1)).length > 0) return true;
  try {
    const manifest = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder.uri, 'package.json'));
    return 'routewise' in (JSON.parse(new TextDecoder().decode(manifest)) as object);
  } catch {
    return false; // there is none, or it is being written
  }
}
