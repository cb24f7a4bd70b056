// session.mjs PAGE TOOLS CHROMIUM [PICTURES]: opens a page of `routewise decide --format html` in a browser, as people
// meet it, and asserts what must hold. Ends with 0 where all holds. TOOLS has playwright-core and axe-core among its
// node_modules; pictures of every way to look at the page go to PICTURES, among them the one of the README
// (`ROUTEWISE_PICTURES=FOLDER cargo test --workspace --test editors page` makes them; decision.png here is that one).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [page, tools, program, pictures] = process.argv.slice(2);
const require = createRequire(path.join(tools, 'package.json'));
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const WAYS = {
  light: { viewport: { width: 1180, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1180, height: 900 }, colorScheme: 'dark' },
  narrow: { viewport: { width: 390, height: 844 }, colorScheme: 'light', deviceScaleFactor: 2, isMobile: true },
  print: { viewport: { width: 1000, height: 900 }, colorScheme: 'dark' },
};

const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
let failed = false;
try {
  for (const [way, look] of Object.entries(WAYS)) await meet(way, look);
} catch (error) {
  failed = true;
  console.log(`FAILED ${error.stack}`);
}
await browser.close();
process.exit(failed ? 1 : 0);

async function meet(way, look) {
  const context = await browser.newContext({ ...look, bypassCSP: false, offline: true });
  const tab = await context.newPage();
  const said = [];
  tab.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  tab.on('pageerror', (error) => said.push(String(error)));
  const asked = [];
  tab.on('request', (request) => asked.push(request.url()));
  if (way === 'print') await tab.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await tab.goto(pathToFileURL(page).href);
  await tab.waitForSelector('#drawing svg[role=img]');
  if (pictures) await tab.screenshot({ path: path.join(pictures, `${way}.png`), fullPage: true, timeout: 120_000 });
  if (pictures && way === 'light') {
    // What the README shows.
    const drawing = await tab.$('#drawing figure');
    await drawing.screenshot({ path: path.join(pictures, 'decision.png'), timeout: 120_000 });
  }

  // Nothing is wider than the window, or reaches the network.
  const over = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(over, 0, `${way}: the page can be scrolled sideways by ${over}`);
  assert.deepEqual(asked.filter((url) => !/^(file|data):/.test(url)), [], `${way}: asked for something else`);
  if (way === 'print') {
    const shows = await tab.evaluate(() => getComputedStyle(document.querySelector('.filter')).display);
    assert.equal(shows, 'none', 'what cannot be used on paper is left out');
  } else {
    await byKeyboard(tab, way);
  }

  // The policy of the page lets no other script in, so axe runs through the tools of the browser.
  await tab.evaluate(axe);
  const { violations } = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const told = violations.map((it) => `${it.id} (${it.impact}): ${it.nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n  ')}`);
  assert.deepEqual(told, [], `${way}: axe-core`);
  assert.deepEqual(said, [], `${way}: the console`);
  console.log(`ok ${way}`);
  await context.close();
}

/** Finds a route by the keyboard alone. */
async function byKeyboard(tab, way) {
  const shown = () => tab.$$eval('#routes tbody tr', (rows) => rows.filter((row) => !row.hidden).length);
  const all = await shown();
  assert.ok(all > 2, `${way}: ${all} routes`);
  await tab.keyboard.press('Tab');
  assert.equal(await tab.evaluate(() => document.activeElement.className), 'skip', `${way}: the first stop is the way past`);
  await tab.keyboard.press('Enter');
  for (let stops = 0; (await tab.evaluate(() => document.activeElement.id)) !== 'find'; stops += 1) {
    assert.ok(stops < 3, `${way}: the filter is near the heading of the routes`);
    await tab.keyboard.press('Tab');
  }
  await tab.keyboard.type('post /api');
  const some = await shown();
  assert.ok(some > 0 && some < all, `${way}: ${some} of ${all} are left`);
  assert.equal(await tab.textContent('#routes output'), `${some} of ${all} routes`);
  await tab.keyboard.press('Escape');
  assert.equal(await shown(), all);
  await tab.keyboard.press('Tab');
  await tab.keyboard.press('Tab');
  await tab.keyboard.press('Enter');
  const pressed = await tab.evaluate(() => document.activeElement.getAttribute('aria-pressed'));
  assert.equal(pressed, 'true', `${way}: a verdict can be picked`);
  const picked = await shown();
  assert.ok(picked > 0 && picked < all, `${way}: ${picked} of ${all} have it`);
}
