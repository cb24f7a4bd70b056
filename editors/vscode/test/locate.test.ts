import assert from 'node:assert/strict';
import { test } from 'node:test';

import { locate, platformPackage, VARIABLE, type Machine } from '../src/locate';

const IN_PROJECT = '/work/shop/node_modules/@routewise/cli-linux-x64/bin/routewise';
const IN_EXTENSION = '/extensions/routewise/server/routewise';
const ON_PATH = '/usr/bin/routewise';

/** A Linux machine on which these files are. */
function machine(files: readonly string[], other: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux',
    arch: 'x64',
    musl: false,
    env: { PATH: '.:/usr/bin' },
    home: '/home/ada',
    extension: '/extensions/routewise',
    folders: ['/work/shop'],
    trusted: true,
    setting: undefined,
    isFile: async (file) => files.includes(file),
    realPath: async (file) => file,
    ...other,
  };
}

const ALL = ['/dev/routewise', '/home/ada/routewise', IN_PROJECT, IN_EXTENSION, ON_PATH];

test('the order is variable, setting, project, extension, path', async () => {
  const env = { PATH: '/usr/bin', [VARIABLE]: '/dev/routewise' };
  const setting = '~/routewise';
  const origins = [];
  for (let first = 0; first < ALL.length; first += 1) {
    const given = { ...(first < 1 ? { env } : {}), ...(first < 2 ? { setting } : {}) };
    origins.push((await locate(machine(ALL.slice(first), given))).found?.origin);
  }
  assert.deepEqual(origins, ['environment', 'setting', 'project', 'extension', 'path']);
  assert.equal((await locate(machine([]))).found, undefined);
});

test('a folder that is not trusted gets the server inside the extension or none', async () => {
  const env = { PATH: '/usr/bin', [VARIABLE]: '/dev/routewise' };
  const untrusted = { trusted: false, env, setting: '/home/ada/routewise' };
  assert.deepEqual((await locate(machine(ALL, untrusted))).found, { command: IN_EXTENSION, origin: 'extension' });
  const without = ALL.filter((file) => file !== IN_EXTENSION);
  assert.equal((await locate(machine(without, untrusted))).found, undefined);
});

test('a server that is named and is not there is not replaced by another', async () => {
  const { found, missing } = await locate(machine(ALL, { setting: 'bin/routewise' }));
  assert.equal(found, undefined);
  assert.deepEqual(missing, { origin: 'setting', command: '/work/shop/bin/routewise' });
});

test('a setting may name a server for each kind of machine', async () => {
  const setting = { 'linux-x64': '/opt/x64/routewise', linux: '/opt/routewise', win32: 'C:/routewise.exe' };
  const files = ['/opt/x64/routewise', '/opt/routewise', IN_EXTENSION];
  const on = async (arch: string, platform: NodeJS.Platform = 'linux'): Promise<string | undefined> =>
    (await locate(machine(files, { setting, arch, platform }))).found?.command;
  assert.equal(await on('x64'), '/opt/x64/routewise');
  assert.equal(await on('arm64'), '/opt/routewise');
  assert.equal(await on('arm64', 'darwin'), IN_EXTENSION);
});

test('the package is found above the folder, and where pnpm links it from', async () => {
  const above = '/work/node_modules/@routewise/cli-linux-x64/bin/routewise';
  assert.equal((await locate(machine([above]))).found?.command, above);
  const store = '/work/shop/node_modules/.pnpm/routewise@1.0.0/node_modules';
  const linked = `${store}/@routewise/cli-linux-x64/bin/routewise`;
  const realPath = async (file: string): Promise<string> =>
    file === '/work/shop/node_modules/routewise' ? `${store}/routewise` : file;
  assert.equal((await locate(machine([linked], { realPath }))).found?.command, linked);
});

test('a folder of the path that is not absolute is passed over', async () => {
  assert.equal((await locate(machine(['routewise', './routewise']))).found, undefined);
});

test('each machine has a package of its own', () => {
  assert.equal(platformPackage({ platform: 'linux', arch: 'x64', musl: true }), '@routewise/cli-linux-x64-musl');
  assert.equal(platformPackage({ platform: 'darwin', arch: 'arm64', musl: false }), '@routewise/cli-darwin-arm64');
});

test('what was looked at is told in order', async () => {
  const { steps } = await locate(machine([ON_PATH]));
  assert.deepEqual(steps.slice(-2), [`the extension itself: ${IN_EXTENSION} (not there)`, `the PATH: ${ON_PATH}`]);
});
