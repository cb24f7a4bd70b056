// pictures.mjs STATE PROJECT: takes the pictures of the READMEs and of the walkthrough in the real VS Code, in light
// and dark, into editors/vscode/media. On the way it is a test of what a person sees: each thing is waited for.
// ROUTEWISE_VSIX is the extension.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

import { BROWSER, extension, serve, tools } from './host.mjs';

const [state, project] = process.argv.slice(2);
const { chromium } = createRequire(path.join(tools, 'vscode/driver/'))('playwright-core');
const media = path.join(extension, 'media');
const [WIDTH, HEIGHT] = [1180, 620];

const settings = {
  'editor.minimap.enabled': false,
  'editor.fontSize': 14,
  'breadcrumbs.enabled': false,
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  'editor.lightbulb.enabled': 'off',
};

/** VS Code drops input while it starts or draws: act, look, act again. */
async function until(page, act, seen, tries = 12) {
  for (let left = tries; ; left -= 1) {
    await act();
    try {
      await seen.first().waitFor({ timeout: 3000 });
      return;
    } catch (error) {
      if (left === 0) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

async function session(theme, browser) {
  const folder = path.join(state, theme);
  const served = await serve({
    state: folder,
    extensions: [process.env.ROUTEWISE_VSIX],
    settings: { ...settings, 'workbench.colorTheme': theme === 'dark' ? 'Default Dark Modern' : 'Default Light Modern' },
  });
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
  await page.route((url) => url.hostname !== '127.0.0.1', (route) => route.abort());
  const suffix = theme === 'dark' ? '-dark' : '';
  const picture = (name, clip) =>
    page.screenshot({ path: path.join(media, `${name}${suffix}.png`), ...(clip ? { clip } : {}) });
  try {
    await page.goto(`${served.url}/?folder=${encodeURIComponent(project)}`);
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 90_000 });
    const input = page.locator('.quick-input-widget input[type="text"]');
    await until(page, () => page.keyboard.press('Control+KeyP'), input);
    await input.fill('api/report/route.ts');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'route.ts' }).first().waitFor();
    await page.keyboard.press('Enter');
    const editor = page.locator('.editor-instance .monaco-editor').first();
    await editor.locator('.squiggly-error').first().waitFor({ timeout: 60_000 });

    // The routes, in the side bar.
    const rows = page.locator('.pane-body .monaco-list-row', { hasText: '/users' });
    await until(page, () => page.locator('.activitybar .action-item', { has: page.locator('[aria-label^="Routewise"]') }).first().click(), rows);
    await page.waitForTimeout(1500);
    const bar = await page.locator('.part.sidebar').boundingBox();
    await picture('routes', { x: 0, y: 0, width: bar.x + bar.width + 360, height: 330 });

    const line = editor.locator('.view-line', { hasText: 'new PrismaClient' });
    const hover = page.locator('.monaco-hover', { hasText: 'for every request' });
    await until(page, async () => {
      const box = await line.boundingBox();
      await page.mouse.move(box.x + 300, box.y + 300);
      await page.mouse.move(box.x + 170, box.y + box.height / 2);
      await page.mouse.move(box.x + 172, box.y + box.height / 2, { steps: 4 });
    }, hover);
    await page.waitForTimeout(500);
    await picture('finding');

    await page.keyboard.press('Escape');
    const fix = page.locator('.action-widget .monaco-list-row', { hasText: 'Use `prisma` of' });
    await until(page, async () => {
      await line.click({ position: { x: 170, y: 8 } });
      await page.mouse.move(900, 560);
      await page.keyboard.press('Control+.');
    }, fix);
    await picture('fix');
    console.log(`ok the pictures in ${theme}`);
  } catch (error) {
    await page.screenshot({ path: path.join(state, `failed-${theme}.png`) });
    throw error;
  } finally {
    await page.close();
    await served.stop();
  }
}

process.env.FONTCONFIG_FILE = path.join(tools, 'chromium/fonts.conf');
const browser = await chromium.launch({ executablePath: path.join(tools, 'chromium/usr/lib/chromium/chromium'), headless: true, args: BROWSER });
let failed = 0;
try {
  for (const theme of ['light', 'dark']) await session(theme, browser);
} catch (error) {
  console.log(`FAILED ${error.stack ?? error}`);
  failed = 1;
}
await browser.close();
process.exit(failed);
