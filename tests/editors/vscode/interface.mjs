// interface.mjs STATE OUT THEME PROJECT OTHER: goes through the interface of the real VS Code as a person sees it, in
// a theme (light, dark), and takes pictures into OUT: those of the READMEs and of the walkthrough among them. Each
// thing is waited for. PROJECT is mended; OTHER brings a server along and is not trusted. ROUTEWISE_VSIX is the
// extension with the server inside, ROUTEWISE_VSIX_WITHOUT the one without.
import assert from 'node:assert';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

import { BROWSER, serve, tools } from './host.mjs';

const [state, out, theme, project, other] = process.argv.slice(2);
const { chromium } = createRequire(path.join(tools, 'vscode/driver/'))('playwright-core');
const [WIDTH, HEIGHT] = [1120, 600];
const REPORT = 'app/api/report/route.ts';

const SETTINGS = {
  'workbench.colorTheme': theme === 'dark' ? 'Default Dark Modern' : 'Default Light Modern',
  'editor.fontFamily': 'DejaVu Sans Mono',
  'editor.fontSize': 13,
  'editor.minimap.enabled': false,
  'editor.lightbulb.enabled': 'off',
  'editor.occurrencesHighlight': 'off',
  'editor.hover.delay': 100,
  'breadcrumbs.enabled': false,
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
};

/** How long anything may take to be seen: VS Code starts slowly where others are started beside it. */
const PATIENCE = 180_000;

/** VS Code drops input while it starts or draws: act, look, act again. */
async function until(page, act, seen) {
  for (const end = Date.now() + PATIENCE; ; ) {
    try {
      await act();
      await seen.first().waitFor({ timeout: 3000 });
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

/** A folder in a VS Code of its own. */
class Window {
  /** Shows what is served. */
  async open(folder) {
    const { page } = this;
    page.setDefaultTimeout(PATIENCE);
    await page.route((url) => url.hostname !== '127.0.0.1', (route) => route.abort());
    await page.goto(`${this.served.url}/?folder=${encodeURIComponent(folder)}`);
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
  }

  constructor(name, page, served) {
    Object.assign(this, { name, page, served });
    this.editor = page.locator('.editor-instance .monaco-editor').first();
  }

  /** Opens a file by its name, as with Ctrl+P. */
  async edit(file) {
    const { page } = this;
    const name = path.basename(file);
    const tab = page.locator('.tab.active', { hasText: name });
    await until(page, async () => {
      await page.keyboard.press('Control+KeyP');
      await page.locator('.quick-input-widget input[type="text"]').fill(file, { timeout: 3000 });
      // Searched anew at each attempt: with less patience a slow machine would never find it.
      await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor({ timeout: 60_000 });
      await page.keyboard.press('Enter');
    }, tab);
  }

  /** The Routes view. */
  async routes(seen) {
    const symbol = this.page.locator('.activitybar .action-item', { has: this.page.locator('[aria-label^="Routewise"]') });
    await until(this.page, () => symbol.first().click({ timeout: 3000 }), seen);
  }

  /** Nothing turns any more that would be on the picture. What turns on and on is not waited for: nothing is asserted of it. */
  async quiet() {
    const busy = this.page.locator('.codicon-loading:visible, .codicon-sync:visible, .codicon-modifier-spin:visible, .monaco-progress-container.active:visible');
    const end = Date.now() + 60_000;
    for (let still = 0; still < 5 && Date.now() < end; still += 1) {
      if ((await busy.count()) > 0) still = 0;
      await this.page.waitForTimeout(200);
    }
    const turning = await busy.evaluateAll((all) => all.map((one) => one.closest('[aria-label]')?.ariaLabel ?? one.className));
    if (turning.length > 0) console.log(`still turns in the window ${this.name}: ${turning.join(', ')}`);
  }

  async picture(name, { x = 0, y = 0, width = WIDTH - x, height = HEIGHT - y } = {}) {
    const clip = { x, y, width, height };
    await this.page.screenshot({ path: path.join(out, `${name}-${theme}.png`), clip });
    console.log(`ok ${name}, ${theme}`);
  }

  async close(error) {
    if (error) {
      await this.page.screenshot({ path: path.join(state, `failed-${this.name}.png`) });
      console.log(`--- to be seen in the window ${this.name}:\n${await this.page.locator('body').innerText()}`);
    }
    // Nothing waits for it: the browser ends with this process.
    this.page.close().catch(() => {});
    await this.served.stop();
  }
}

async function inWindow(browser, name, folder, vsix, more, look) {
  const served = await serve({ state: path.join(state, name), extensions: [vsix], settings: SETTINGS, ...more });
  const window = new Window(name, await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } }), served);
  let failure;
  try {
    await window.open(folder);
    await window.edit(REPORT);
    await look(window, window.page);
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    await window.close(failure);
  }
}

/** Finding, hover, routes, host, fix: on a project that is trusted. */
async function trusted(window, page) {
  const { editor } = window;
  await editor.locator('.squiggly-error').first().waitFor();
  await editor.locator('.codelens-decoration', { hasText: 'GET /api/report' }).first().waitFor();

  const rows = page.locator('.pane-body .monaco-list-row');
  await window.routes(rows.filter({ hasText: '/users' }));
  await page.locator('.activitybar .badge-content', { hasText: '1' }).first().waitFor();
  const told = (await rows.allInnerTexts()).map((row) => row.replace(/\s/g, ''));
  assert.deepStrictEqual(told, ['exampleVercel', '/api', '/blogsGET', '/exportGET', '/reportGET', '/usersGET']);
  await window.quiet();
  await window.picture('routes', { width: 700, height: 320 });

  const line = editor.locator('.view-line', { hasText: 'new PrismaClient' });
  const hover = page.locator('.monaco-hover:visible', { hasText: 'opens a pool of up to' });
  await until(page, async () => {
    const box = await line.boundingBox({ timeout: 3000 });
    await page.mouse.move(box.x + 300, box.y + 300);
    await page.mouse.move(box.x + 170, box.y + box.height / 2);
    await page.mouse.move(box.x + 172, box.y + box.height / 2, { steps: 4 });
  }, hover);
  await page.locator('.monaco-hover:visible', { hasText: 'Quick Fix' }).first().waitFor();
  assert.strictEqual((await hover.first().innerText()).split('makes a new Prisma client for every request').length, 2, 'the message stands there once');
  await window.picture('finding', { height: 430 });
  await page.keyboard.press('Escape');

  const status = page.locator('#status\\.languageStatus');
  const host = page.locator('.monaco-hover:visible .hover-language-status', { hasText: 'Vercel' });
  await until(page, async () => {
    await page.mouse.move(600, 300);
    await status.hover({ timeout: 3000 });
  }, host);
  await page.locator('.monaco-hover:visible', { hasText: '4 routes' }).first().waitFor();
  await window.quiet();
  await window.picture('target', { x: 560, y: 440 });

  const menu = page.locator('.action-widget .monaco-list-row');
  const fix = menu.filter({ hasText: 'Use `prisma` of' });
  await until(page, async () => {
    await line.click({ position: { x: 170, y: 8 }, timeout: 3000 });
    await page.mouse.move(900, 560);
    await page.keyboard.press('Control+.');
  }, fix);
  await window.picture('fix', { height: 430 });
  await until(page, () => fix.first().click({ timeout: 3000 }), editor.locator('.view-line', { hasText: "from '@/lib/prisma'" }));
  await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
  const clean = page.locator('.tab.active:not(.dirty)');
  await until(page, () => page.keyboard.press('Control+KeyS'), clean);
  assert.match(fs.readFileSync(path.join(project, REPORT), 'utf8'), /from '@\/lib\/prisma'/);
  console.log(`ok the fix that was picked is in the file, ${theme}`);
}

/** A folder that is not trusted is served by the program inside the extension, and says that it is restricted. */
async function untrusted(window, page) {
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).first().waitFor();
  await window.editor.locator('.squiggly-error').first().waitFor();
  await window.quiet();
  await window.picture('untrusted');
  assert(!fs.existsSync(path.join(other, 'was-run')), 'the program that the folder brings along did not run');
}

/** Without a server, the message says what to do, and the view what is wrong. */
async function missing(window, page) {
  // The keys with which the file was opened have put it away, behind the bell.
  const message = page.locator('.notification-list-item', { hasText: 'there is no server to run' });
  await until(page, () => page.locator('#status\\.notifications').first().click({ timeout: 3000 }), message);
  for (const button of ['Restart', 'Open Setting', 'Show Output']) {
    await message.locator('.monaco-button', { hasText: button }).first().waitFor();
  }
  await window.routes(page.locator('.welcome-view-content', { hasText: 'The server is not running.' }));
  await window.quiet();
  await window.picture('missing');
}

fs.mkdirSync(out, { recursive: true });
process.env.FONTCONFIG_FILE = path.join(tools, 'chromium/fonts.conf');
const executablePath = path.join(tools, 'chromium/usr/lib/chromium/chromium');
const browser = await chromium.launch({ executablePath, headless: true, args: BROWSER });
const { ROUTEWISE_VSIX: carrying, ROUTEWISE_VSIX_WITHOUT: universal } = process.env;
let failed = 0;
try {
  await inWindow(browser, 'trusted', project, carrying, {}, trusted);
  await inWindow(browser, 'untrusted', other, carrying, { trust: true }, untrusted);
  fs.rmSync(path.join(other, 'node_modules'), { recursive: true });
  await inWindow(browser, 'missing', other, universal, {}, missing);
} catch (error) {
  console.log(`FAILED ${error.stack ?? error}`);
  failed = 1;
}
process.exit(failed);
