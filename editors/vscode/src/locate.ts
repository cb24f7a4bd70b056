/** Where the server is. Knows nothing of VS Code, so that it can be tested without it. */

import * as path from 'node:path';

/** Where a server was found. */
export type Origin = 'environment' | 'setting' | 'project' | 'extension' | 'path';

/** A server to start. */
export interface Found {
  readonly command: string;
  readonly origin: Origin;
}

/** What is looked at. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** The C library is musl, as in Alpine. */
  readonly musl: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The folder of the extension. */
  readonly extension: string;
  /** The folders that are open. */
  readonly folders: readonly string[];
  /** Whether programs of these folders may run. */
  readonly trusted: boolean;
  /** `routewise.server.path`: a path, or one for each kind of machine, such as `linux-x64` or `darwin`. */
  readonly setting: string | Readonly<Record<string, string>> | undefined;
  isFile(file: string): Promise<boolean>;
  /** The path without links; the path itself where it does not exist. */
  realPath(file: string): Promise<string>;
}

/** What came of the search. */
export interface Search {
  readonly found: Found | undefined;
  /** What was looked at, in order, for the log. */
  readonly steps: readonly string[];
  /** A place that someone named, where there is nothing. The search ends there: who names a server wants no other. */
  readonly missing: { readonly origin: 'environment' | 'setting'; readonly command: string } | undefined;
}

/** The variable with which those who work on the server name theirs. */
export const VARIABLE = 'ROUTEWISE_SERVER_PATH';

const WORDS: Readonly<Record<Origin, string>> = {
  environment: `the variable ${VARIABLE}`,
  setting: 'the setting routewise.server.path',
  project: 'the package of the project',
  extension: 'the extension itself',
  path: 'the PATH',
};

/** An origin for people. */
export function words(origin: Origin): string {
  return WORDS[origin];
}

/** Finds the server. A folder that is not trusted has no say: then it is the one inside the extension or none. */
export async function locate(machine: Machine): Promise<Search> {
  const steps: string[] = [];
  const end = (found: Found | undefined, missing?: Search['missing']): Search => ({ found, steps, missing });
  const look = async (origin: Origin, command: string): Promise<Found | undefined> => {
    const there = await machine.isFile(command);
    steps.push(`${words(origin)}: ${command}${there ? '' : ' (not there)'}`);
    return there ? { command, origin } : undefined;
  };

  if (machine.trusted) {
    const named: readonly ['environment' | 'setting', string | undefined][] = [
      ['environment', machine.env[VARIABLE]],
      ['setting', inSetting(machine)],
    ];
    for (const [origin, value] of named) {
      if (!value?.trim()) continue;
      const command = expand(value.trim(), machine);
      const found = await look(origin, command);
      return end(found, found ? undefined : { origin, command });
    }
    for (const command of await inProject(machine)) {
      const found = await look('project', command);
      if (found) return end(found);
    }
  } else {
    steps.push('the workspace is not trusted: only the server inside the extension may run');
  }
  const own = await look('extension', path.join(machine.extension, 'server', program(machine)));
  if (own || !machine.trusted) return end(own);
  for (const folder of (machine.env['PATH'] ?? machine.env['Path'] ?? '').split(path.delimiter)) {
    // A folder that is not absolute means something else in every project.
    if (!path.isAbsolute(folder)) continue;
    const command = path.join(folder, program(machine));
    if (await machine.isFile(command)) return end(await look('path', command));
  }
  steps.push(`${words('path')}: no ${program(machine)}`);
  return end(undefined);
}

/** The name of the npm package that holds the program for this machine. */
export function platformPackage(machine: Pick<Machine, 'platform' | 'arch' | 'musl'>): string {
  const libc = machine.platform === 'linux' && machine.musl ? '-musl' : '';
  return `@routewise/cli-${machine.platform}-${machine.arch}${libc}`;
}

function program(machine: Machine): string {
  return machine.platform === 'win32' ? 'routewise.exe' : 'routewise';
}

/** What the setting names for this machine. */
function inSetting({ setting, platform, arch }: Machine): string | undefined {
  return typeof setting === 'object' ? (setting[`${platform}-${arch}`] ?? setting[platform]) : setting;
}

/** A path as people write it: below the home folder, or seen from the first folder. */
export function expand(value: string, machine: Pick<Machine, 'folders' | 'home'>): string {
  const [folder] = machine.folders;
  const text = folder === undefined ? value : value.replaceAll('${workspaceFolder}', folder);
  if (text === '~' || text.startsWith('~/')) return path.join(machine.home, text.slice(1));
  return path.isAbsolute(text) || folder === undefined ? text : path.join(folder, text);
}

/**
 * Where the program lies when the package `routewise` is installed in an open folder or above it. Not
 * `node_modules/.bin`: what lies there is a script, which on Windows only a shell can start.
 */
async function inProject(machine: Machine): Promise<string[]> {
  const own = path.join(platformPackage(machine), 'bin', program(machine));
  const places: string[] = [];
  for (const folder of machine.folders) {
    for (let at = folder; ; at = path.dirname(at)) {
      const modules = path.join(at, 'node_modules');
      places.push(path.join(modules, own));
      // pnpm keeps the dependencies of a package beside it, where its link leads.
      const link = path.join(modules, 'routewise');
      const real = await machine.realPath(link);
      if (real !== link) places.push(path.join(path.dirname(real), own));
      if (path.dirname(at) === at) break;
    }
  }
  return [...new Set(places)];
}
