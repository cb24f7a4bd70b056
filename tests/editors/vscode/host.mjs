// The real VS Code, as code-server serves it, and a browser to show it in. Both end with the test.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../../..');
export const tools = path.join(repository, 'tests/.tools');
export const extension = path.join(repository, 'editors/vscode');
const node = path.join(tools, 'vscode/node/bin/node');
const entry = path.join(tools, 'vscode/node_modules/code-server/out/node/entry.js');

/** Switches of the browser: it talks to this machine only, and runs as root in a container. */
export const BROWSER = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

/** Settings that quieten VS Code. */
const SETTINGS = {
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  // Its own server takes long to start, and reports modules that the example has not installed.
  'typescript.validate.enable': false,
  'javascript.validate.enable': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'typescript.updateImportsOnFileMove.enabled': 'never',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'files.autoSave': 'off',
  'remote.autoForwardPorts': false,
  'window.confirmBeforeClose': 'never',
};

/** Runs a program to its end; throws what it printed where it fails. */
export function run(program, given, options = {}) {
  const { status, stdout, stderr } = spawnSync(program, given, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${program} ${given.join(' ')}: ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Makes a .vsix of a folder of this test. */
export function vsix(folder, out) {
  const vsce = path.join(extension, 'node_modules/@vscode/vsce/vsce');
  run(process.execPath, [vsce, 'package', '--no-dependencies', '--skip-license', '--out', out], { cwd: folder });
  return out;
}

/**
 * Serves VS Code with these extensions. `state` is a folder of its own; `settings` are the user's, `machine` those
 * that only a machine may set.
 */
export async function serve({ state, extensions, settings = {}, machine = {}, trust = false, env = {} }) {
  for (const [folder, values] of [['User', { ...SETTINGS, ...settings }], ['Machine', machine]]) {
    fs.mkdirSync(path.join(state, 'user', folder), { recursive: true });
    fs.writeFileSync(path.join(state, 'user', folder, 'settings.json'), JSON.stringify(values));
  }
  const common = [
    entry, '--config', path.join(state, 'config.yaml'),
    '--user-data-dir', path.join(state, 'user'), '--extensions-dir', path.join(state, 'extensions'),
  ];
  const home = path.join(state, 'home');
  fs.mkdirSync(home, { recursive: true });
  const environment = {
    ...process.env,
    HOME: home,
    PATH: `${path.dirname(node)}:/usr/local/bin:/usr/bin:/bin`,
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: 'http://127.0.0.1:9' }),
    ...env,
  };
  fs.writeFileSync(path.join(state, 'config.yaml'), '');
  run(node, [...common, ...extensions.flatMap((file) => ['--install-extension', file])], { env: environment });
  const port = await freePort();
  const serving = spawn(node, [
    ...common, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check',
    '--disable-getting-started-override', ...(trust ? [] : ['--disable-workspace-trust']),
  ], { env: environment, detached: true, stdio: ['ignore', fs.openSync(path.join(state, 'server.log'), 'w'), 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await until('VS Code is served', async () => (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5000) })).ok, 240_000);
  return { url, stop: () => stop(serving) };
}

/** Opens a page in a browser that nobody looks at: without one VS Code starts no extensions. */
export function browse(url, state) {
  const given = [
    '--headless=new', ...BROWSER, `--user-data-dir=${path.join(state, 'browser')}`, '--window-size=1280,800',
    '--remote-debugging-port=0', url,
  ];
  const browser = spawn(path.join(tools, 'chromium/chromium'), given, { detached: true, stdio: 'ignore' });
  return { stop: () => stop(browser) };
}

/** Presses a button whenever VS Code asks a question in a window, and calls `told`; ends with the window. */
export async function answer(question, button, state, told) {
  const { chromium } = createRequire(path.join(tools, 'vscode/driver/'))('playwright-core');
  const note = path.join(state, 'browser/DevToolsActivePort');
  const [port] = await until('the browser can be driven', () => fs.readFileSync(note, 'utf8').split('\n'));
  const driver = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const asked = driver.contexts()[0].pages()[0].locator('.monaco-dialog-box', { hasText: question });
  for (;;) {
    await asked.locator('.monaco-button', { hasText: button }).first().click({ timeout: 0 });
    told();
    await asked.waitFor({ state: 'detached', timeout: 0 });
  }
}

/** Waits; a failure of `look` means not yet. */
export async function until(what, look, patience = 60_000) {
  const end = Date.now() + patience;
  for (;;) {
    try {
      const seen = await look();
      if (seen) return seen;
    } catch {
      // not yet
    }
    if (Date.now() > end) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Ends what was started here, with everything it started. */
async function stop(child) {
  const signal = (name) => {
    try {
      return process.kill(-child.pid, name);
    } catch {
      return false;
    }
  };
  signal('SIGTERM');
  await until('it ends', () => !signal(0), 5_000).catch(() => signal('SIGKILL'));
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
