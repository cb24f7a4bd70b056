/** The machine that the extension runs on, for {@link locate}. */

import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as vscode from 'vscode';

import type { Machine } from './locate';

/** This machine, with what is open and set now. */
export function machine(context: vscode.ExtensionContext): Machine {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  return {
    platform: process.platform,
    arch: process.arch,
    musl: isMusl(),
    env: process.env,
    home: os.homedir(),
    extension: context.extensionPath,
    folders: folders.map((folder) => folder.uri.fsPath),
    trusted: vscode.workspace.isTrusted,
    setting: vscode.workspace.getConfiguration('routewise').get<Machine['setting'] | null>('server.path') ?? undefined,
    isFile: async (file) => {
      try {
        return (await fs.stat(file)).isFile();
      } catch {
        return false;
      }
    },
    realPath: async (file) => {
      try {
        return await fs.realpath(file);
      } catch {
        return file;
      }
    },
  };
}

function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header !== undefined && report.header.glibcVersionRuntime === undefined;
}
