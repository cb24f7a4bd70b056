// Makes the .vsix: one for every machine, or with --target and --server one that carries the server for
// one kind of machine.
//
//   npm run package
//   npm run package -- --target linux-x64 --server ../../target/release/routewise [--out FILE]
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const TARGETS = [
  'win32-x64', 'win32-arm64', 'linux-x64', 'linux-arm64', 'linux-armhf',
  'darwin-x64', 'darwin-arm64', 'alpine-x64', 'alpine-arm64',
];

const { values } = parseArgs({
  options: { target: { type: 'string' }, server: { type: 'string' }, out: { type: 'string' } },
});
if (Boolean(values.target) !== Boolean(values.server)) {
  throw new Error('--target and --server go together: the one names the machine, the other the program for it');
}
if (values.target && !TARGETS.includes(values.target)) {
  throw new Error(`there is no target ${values.target}; the targets are ${TARGETS.join(', ')}`);
}
const server = values.server && path.resolve(values.server);
const root = path.dirname(import.meta.dirname);
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const out = path.resolve(values.out ?? path.join(root, `routewise-${values.target ?? 'universal'}-${version}.vsix`));
process.chdir(root);
const shared = /^version = "(.+)"$/m.exec(readFileSync('../../Cargo.toml', 'utf8'))?.[1];
if (version !== shared) throw new Error(`the extension is ${version}, the server ${shared}: they are released together`);

rmSync('server', { recursive: true, force: true });
if (server) {
  mkdirSync('server');
  const program = values.target.startsWith('win32') ? 'server/routewise.exe' : 'server/routewise';
  copyFileSync(server, program);
  chmodSync(program, 0o755);
}
for (const name of ['LICENSE-MIT', 'LICENSE-APACHE', 'LICENSE', 'CHANGELOG.md']) {
  copyFileSync(path.join('../..', name), name);
}
const vsce = ['node_modules/@vscode/vsce/vsce', 'package', '--no-dependencies', '--out', out];
if (values.target) vsce.push('--target', values.target);
for (const command of [['scripts/build.mjs'], vsce]) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
