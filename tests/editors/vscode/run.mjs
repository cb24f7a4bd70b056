// run.mjs SCENARIO STATE PROJECT...: asserts in the real VS Code what the extension does. Prints a line for each
// assertion, and ends with 0 where all hold. STATE is an empty folder, which must have a short name: a socket is
// made in it. ROUTEWISE_VSIX is the extension, ROUTEWISE_SEEN where the findings go that it shows.
import fs from 'node:fs';
import path from 'node:path';

import { answer, browse, serve, until, vsix } from './host.mjs';

const [scenario, state, ...projects] = process.argv.slice(2);
const report = path.join(state, 'report.json');
const assertions = vsix(path.join(import.meta.dirname, 'assertions'), path.join(state, 'assertions.vsix'));
let query = `folder=${encodeURIComponent(projects[0])}`;
if (projects.length > 1) {
  const workspace = path.join(state, 'both.code-workspace');
  fs.writeFileSync(workspace, JSON.stringify({ folders: projects.map((folder) => ({ path: folder })) }));
  query = `workspace=${encodeURIComponent(workspace)}`;
}
const begun = Date.now();
const served = await serve({
  state,
  extensions: [process.env.ROUTEWISE_VSIX, assertions],
  trust: scenario === 'untrusted',
  env: { ROUTEWISE_REPORT: report, ROUTEWISE_SCENARIO: scenario },
});
const browser = browse(`${served.url}/?${query}`, state);
// A folder is renamed in one scenario, once with calls that have its old name: VS Code asks before an extension may
// change what goes with it.
const questions = scenario === 'trusted' ? 1 : 0;
let asked = 0;
answer('make refactoring changes', 'OK', state, () => (asked += 1)).catch(() => {}); // the window is closed
let failed = 1;
try {
  await until('VS Code has reported', () => fs.existsSync(report), 240_000);
  const { version, results } = JSON.parse(fs.readFileSync(report, 'utf8'));
  console.log(`VS Code ${version}: ${scenario} (${Date.now() - begun} ms)`);
  for (const { what, held, took, error } of results) console.log(held ? `ok ${what} (${took} ms)` : `FAILED ${what}\n${error}`);
  failed = results.some(({ held }) => !held) || results.length === 0 ? 1 : 0;
  if (asked !== questions) {
    console.log(`FAILED VS Code asked ${asked} times about changes that go with a move, not ${questions}`);
    failed = 1;
  }
} catch (error) {
  console.log(`FAILED ${error.message}`);
}
if (failed) {
  const logs = fs.readdirSync(path.join(state, 'user'), { recursive: true }).filter((name) => /(exthost|Routewise).*\.log$/.test(name));
  for (const log of logs) console.log(`--- ${log}\n${fs.readFileSync(path.join(state, 'user', log), 'utf8').slice(-4000)}`);
}
await browser.stop();
await served.stop();
process.exit(failed);
