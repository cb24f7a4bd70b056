// Runs inside VS Code, in the process of the extensions. Writes one report, to the file ROUTEWISE_REPORT.
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');

const PATIENCE = 30000;
const report = process.env.ROUTEWISE_REPORT;

async function soon(what, look) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits no longer than that. */
const within = (what, done) =>
  Promise.race([done, new Promise((_, no) => setTimeout(() => no(new Error(`did not end: ${what}`)), PATIENCE))]);

const root = () => vscode.workspace.workspaceFolders[0].uri;
const at = (file) => vscode.Uri.joinPath(root(), file);
const ours = (uri) => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'routewise');
const show = async (file) => {
  const document = await vscode.workspace.openTextDocument(at(file));
  await vscode.window.showTextDocument(document);
  return document;
};
const code = (diagnostic) => diagnostic.code?.value ?? diagnostic.code;
const extension = () => vscode.extensions.getExtension('routewise.routewise');
const api = () => extension().activate();
const doing = async (wanted) => soon(`the server is ${wanted}`, async () => (await api()).doing() === wanted);

/** Whether the server tells of the handler in a file. */
async function answers(uri) {
  const document = await vscode.workspace.openTextDocument(uri);
  const place = document.positionAt(document.getText().indexOf('GET'));
  const hovers = await vscode.commands.executeCommand('vscode.executeHoverProvider', uri, place);
  return hovers.flatMap(({ contents }) => contents).some((part) => /Runs on Vercel/.test(part.value ?? part));
}

/** The servers that this process started. */
function servers() {
  return fs.readdirSync('/proc').filter((id) => /^\d+$/.test(id)).flatMap((id) => {
    try {
      const status = fs.readFileSync(`/proc/${id}/status`, 'utf8');
      const parent = Number(/^PPid:\t(\d+)/m.exec(status)[1]);
      const zombie = /^State:\tZ/m.test(status);
      const [program, word] = fs.readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
      return parent === process.pid && !zombie && word === 'lsp' ? [{ id: Number(id), program }] : [];
    } catch {
      return []; // it has ended
    }
  });
}

const REPORT = 'app/api/report/route.ts';
const CALLER = 'components/download.tsx';
const FILES = [REPORT, 'app/api/users/route.ts', 'lib/orders.ts'];
const LEVELS = ['error', 'warning', 'information', 'hint'];

const scenarios = {
  async trusted(holds) {
    await holds('the server inside the extension is started', async () => {
      await doing('ready');
      const [server] = await soon('a server runs', () => servers().length === 1 && servers());
      assert.strictEqual(server.program, path.join(extension().extensionPath, 'server', 'routewise'));
      assert.strictEqual((await api()).origin(), 'extension');
    });
    await holds('findings are shown as everywhere', async () => {
      const seen = [];
      for (const file of FILES) {
        await show(file);
        await soon(`a finding in ${file}`, () => ours(at(file)).length > 0);
        for (const found of ours(at(file))) {
          const { line, character } = found.range.start;
          seen.push({ path: file, line, character, severity: LEVELS[found.severity], code: code(found), message: found.message });
        }
      }
      fs.writeFileSync(process.env.ROUTEWISE_SEEN, JSON.stringify(seen));
    });
    await holds('the rule of a finding is a link, and the way to it is there', async () => {
      const [found] = ours(at('lib/orders.ts'));
      assert.match(found.code.target.toString(), /clients\/prisma-client-per-request\/rule\.md$/);
      assert.strictEqual(found.relatedInformation.length, 2);
    });
    await holds('a hover explains', async () => {
      const hovers = await vscode.commands.executeCommand('vscode.executeHoverProvider', at(REPORT), new vscode.Position(4, 22));
      const text = hovers.flatMap(({ contents }) => contents).map((part) => part.value ?? part).join('\n');
      assert.match(text, /Prisma/);
    });
    await holds('a URL leads to its handler, and a lens over the handler to the URL', async () => {
      const document = await show(CALLER);
      const position = document.positionAt(document.getText().indexOf('/api/export') + 3);
      const places = await soon('a definition', async () => {
        const found = await vscode.commands.executeCommand('vscode.executeDefinitionProvider', document.uri, position);
        return found.length > 0 && found;
      });
      const [place] = places;
      assert.strictEqual(places.length, 1);
      assert.strictEqual(String(place.targetUri ?? place.uri), String(at('app/api/export/route.ts')));
      assert.strictEqual((place.targetSelectionRange ?? place.range).start.line, 2);
      await show('app/api/export/route.ts');
      const lenses = () => vscode.commands.executeCommand('vscode.executeCodeLensProvider', at('app/api/export/route.ts'), 10);
      const told = async () => (await lenses()).map(({ command }) => command?.title).filter(Boolean);
      await soon('a lens', async () => (await told()).some((title) => /1 caller/.test(title)));
      const settings = vscode.workspace.getConfiguration('routewise', root());
      await settings.update('codeLens.enable', false, vscode.ConfigurationTarget.Workspace);
      await soon('no lens', async () => (await told()).length === 0);
      await settings.update('codeLens.enable', undefined, vscode.ConfigurationTarget.Workspace);
    });
    await holds('beside the fixes stand a comment that silences and the rule itself, each where it is wanted', async () => {
      await show(REPORT);
      await soon('the finding', () => ours(at(REPORT)).length === 1);
      const range = new vscode.Range(4, 20, 4, 20);
      const offered = async () => {
        const kind = vscode.CodeActionKind.QuickFix.value;
        const actions = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', at(REPORT), range, kind);
        return actions.filter(({ title }) => /prisma-client-per-request/.test(title)).map(({ title, command }) => ({ title, command }));
      };
      const before = await soon('all three', async () => {
        const seen = await offered();
        return seen.length === 3 && seen;
      });
      const { command } = before.find(({ title }) => title === 'Explain clients/prisma-client-per-request');
      await vscode.commands.executeCommand(command.command, ...command.arguments);
      const document = await soon('the text', () => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'routewise-rule'));
      assert.match(document.getText(), /## What happens/);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await show(REPORT);
      await soon('the finding', () => ours(at(REPORT)).length === 1);
      const settings = vscode.workspace.getConfiguration('routewise', root());
      for (const what of ['disableRuleComment', 'showDocumentation']) {
        await settings.update(`codeAction.${what}.enable`, false, vscode.ConfigurationTarget.Workspace);
      }
      await soon('neither', async () => (await offered()).length === 0);
      for (const what of ['disableRuleComment', 'showDocumentation']) {
        await settings.update(`codeAction.${what}.enable`, undefined, vscode.ConfigurationTarget.Workspace);
      }
    });
    await holds('findings wait for the file to be saved where that is set', async () => {
      const settings = vscode.workspace.getConfiguration('routewise', root());
      const document = await show('lib/orders.ts');
      await soon('the finding', () => ours(document.uri).length === 1);
      await settings.update('run', 'onSave', vscode.ConfigurationTarget.Workspace);
      const at = document.positionAt(document.getText().indexOf('new PrismaClient()'));
      const whole = document.lineAt(at.line).range;
      const [text, version] = [document.getText(whole), document.version];
      const write = async (line) => {
        const edit = new vscode.WorkspaceEdit();
        edit.replace(document.uri, document.lineAt(at.line).range, line);
        assert(await vscode.workspace.applyEdit(edit));
      };
      await write('  const prisma = shared');
      assert(document.version > version);
      // The answer to this question comes after those to the questions before it.
      await vscode.commands.executeCommand('vscode.executeHoverProvider', document.uri, new vscode.Position(4, 22));
      assert.strictEqual(ours(document.uri).length, 1);
      await document.save();
      await soon('no finding', () => ours(document.uri).length === 0);
      await write(text);
      await document.save();
      await settings.update('run', undefined, vscode.ConfigurationTarget.Workspace);
      await soon('the finding is back', () => ours(document.uri).length === 1);
    });
    await holds('the routes are known with their hosts and verdicts', async () => {
      await vscode.commands.executeCommand('routewise.showRoutes');
      const answer = await soon('four routes', async () => {
        const { routes } = await api();
        return routes().routes.length === 4 && routes();
      });
      const fits = answer.routes.map(({ url, fit }) => `${url} ${fit.verdict}`);
      assert.deepStrictEqual(fits, ['/api/blogs fits', '/api/export fits-with-changes', '/api/report fits-with-changes', '/api/users fits-with-changes']);
      await soon('the verdict in the status bar', async () => (await api()).verdict() === 'Next.js');
      const told = answer.routes.map(({ methods, url, verdict }) => `${methods} ${url} ${verdict}`);
      assert.deepStrictEqual(told, ['GET /api/blogs null', 'GET /api/export null', 'GET /api/report error', 'GET /api/users warning']);
      assert.deepStrictEqual(answer.packages.map(({ target }) => target.name), ['Vercel']);
    });
    await holds('the commands are there', async () => {
      const known = await vscode.commands.getCommands(true);
      for (const { command } of extension().packageJSON.contributes.commands) assert(known.includes(command), command);
    });
    await holds('the preferred quick fix mends it, and the file can be saved', async () => {
      const document = await show(REPORT);
      const range = new vscode.Range(4, 20, 4, 20);
      const actions = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', at(REPORT), range, vscode.CodeActionKind.QuickFix.value, 10);
      const preferred = actions.find(({ isPreferred, edit }) => isPreferred && edit);
      assert(preferred, `offered: ${actions.map(({ title }) => title)}`);
      assert(await vscode.workspace.applyEdit(preferred.edit));
      await soon('the finding goes', () => ours(at(REPORT)).length === 0);
      assert(await document.save());
    });
    await holds('the verdict of the route follows', async () => {
      await soon('no verdict', async () => {
        const { routes } = await api();
        return routes().routes.find(({ url }) => url === '/api/report').verdict === null;
      });
    });
    await holds('Fix All mends the file that is open', async () => {
      const document = await show('app/api/users/route.ts');
      await vscode.commands.executeCommand('routewise.applyAllFixes');
      await soon('the finding goes', () => ours(document.uri).length === 0);
      assert(document.isDirty && (await document.save()));
    });
    await holds('a new method is a new row before it is saved', async () => {
      const document = await show('app/api/blogs/route.ts');
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, '\nexport const POST = async () => Response.json(1)\n');
      await vscode.workspace.applyEdit(edit);
      await soon('GET and POST', async () => {
        const { routes } = await api();
        return String(routes().routes.find(({ url }) => url === '/api/blogs').methods) === 'GET,POST';
      });
      await document.save();
    });
    await holds('a handler knows its calls, and routes are found by a part of their URL', async () => {
      const handler = await show('app/api/export/route.ts');
      const name = handler.positionAt(handler.getText().indexOf('GET'));
      const places = await vscode.commands.executeCommand('vscode.executeReferenceProvider', handler.uri, name);
      const calls = places.filter(({ uri }) => String(uri) === String(at(CALLER)));
      assert.deepStrictEqual(calls.map(({ range }) => range.start.line), [3]);
      const found = await vscode.commands.executeCommand('vscode.executeWorkspaceSymbolProvider', 'POST /api/bl');
      const routes = found.filter((symbol) => / \/api\//.test(symbol.name));
      assert.deepStrictEqual(routes.map((symbol) => symbol.name), ['POST /api/blogs']);
      assert.strictEqual(String(routes[0].location.uri), String(at('app/api/blogs/route.ts')));
    });
    await holds('a segment of a URL gets another name, with its folder', async () => {
      const document = await show(CALLER);
      const place = document.positionAt(document.getText().indexOf('/export') + 3);
      const edit = await vscode.commands.executeCommand('vscode.executeDocumentRenameProvider', document.uri, place, 'orders');
      // In an editor the calls come first, as the server has them; what the command returns has the moves first.
      const calls = new vscode.WorkspaceEdit();
      for (const [uri, edits] of edit.entries()) calls.set(uri, edits);
      assert(await within('the change of the calls', vscode.workspace.applyEdit(calls)));
      const move = new vscode.WorkspaceEdit();
      move.renameFile(at('app/api/export'), at('app/api/orders'));
      assert(await within('the move', vscode.workspace.applyEdit(move)));
      assert.match(document.getText(), /fetch\('\/api\/orders'\)/);
      assert(fs.existsSync(at('app/api/orders/route.ts').fsPath) && !fs.existsSync(at('app/api/export').fsPath));
      await document.save();
      await soon('the route at its new URL', async () => {
        const { routes } = await api();
        return String(routes().routes.map(({ url }) => url)) === '/api/blogs,/api/orders,/api/report,/api/users';
      });
    });
    await holds('a folder gets another name, with the calls in files that are closed', async () => {
      const file = at('lib/news.ts');
      fs.writeFileSync(file.fsPath, "export const news = () => fetch('/api/blogs?category=news')\n");
      const handler = await show('app/api/blogs/route.ts');
      const name = handler.positionAt(handler.getText().indexOf('GET'));
      await soon('the call is known', async () => {
        const places = await vscode.commands.executeCommand('vscode.executeReferenceProvider', handler.uri, name);
        return places.some(({ uri }) => String(uri) === String(file));
      });
      const edit = new vscode.WorkspaceEdit();
      edit.renameFile(at('app/api/blogs'), at('app/api/posts'));
      assert(await within('the move', vscode.workspace.applyEdit(edit)));
      const changed = await vscode.workspace.openTextDocument(file);
      assert.strictEqual(changed.getText(), "export const news = () => fetch('/api/posts?category=news')\n");
      assert(await changed.save());
      assert(fs.existsSync(at('app/api/posts/route.ts').fsPath) && !fs.existsSync(at('app/api/blogs').fsPath));
    });
    await holds('a setting takes effect', async () => {
      const settings = vscode.workspace.getConfiguration('routewise', root());
      await show('lib/orders.ts');
      await settings.update('rules', { clients: 'off' }, vscode.ConfigurationTarget.Workspace);
      await soon('no finding', () => ours(at('lib/orders.ts')).length === 0);
      await settings.update('rules', undefined, vscode.ConfigurationTarget.Workspace);
      await soon('the finding is back', () => ours(at('lib/orders.ts')).length === 1);
    });
    await holds('a broken configuration is shown in its file, and mended it is gone', async () => {
      const file = at('routewise.json');
      fs.writeFileSync(file.fsPath, '{ "target": "versel" }\n');
      const [problem] = await soon('a problem', () => ours(file).length === 1 && ours(file));
      assert.match(problem.message, /versel.*did you mean `vercel`/s);
      fs.writeFileSync(file.fsPath, '{ "target": "vercel" }\n');
      await soon('no problem', () => ours(file).length === 0);
      fs.rmSync(file.fsPath);
    });
    await holds('a server that is killed comes back', async () => {
      const [before] = servers();
      process.kill(before.id, 'SIGKILL');
      const [after] = await soon('another server', () => servers().some(({ id }) => id !== before.id) && servers());
      assert.notStrictEqual(after.id, before.id);
      await doing('ready');
      await show('lib/orders.ts');
      await soon('its finding', () => ours(at('lib/orders.ts')).length === 1);
    });
    await holds('Restart Server starts another one, once', async () => {
      const [before] = servers();
      await Promise.all([1, 2, 3].map(() => vscode.commands.executeCommand('routewise.restart')));
      await doing('ready');
      assert.strictEqual(servers().length, 1);
      assert.notStrictEqual(servers()[0].id, before.id);
    });
    await holds('a server that dies again and again is given up', async () => {
      let last = 0;
      for (let round = 0; round < 4; round += 1) {
        const [victim] = await soon('a server to kill', () => servers().some(({ id }) => id !== last) && servers());
        await doing('ready');
        // Killed while it shakes hands it would be one that does not start.
        await soon('an answer', () => answers(at('app/api/users/route.ts')));
        process.kill(victim.id, 'SIGKILL');
        last = victim.id;
      }
      await doing('failed');
      assert.strictEqual(servers().length, 0);
      await vscode.commands.executeCommand('routewise.restart');
      await doing('ready');
    });
    await holds('a route moves to an Express service as one edit', async () => {
      const document = await show('app/api/users/route.ts');
      const place = document.positionAt(document.getText().indexOf('GET'));
      const kind = 'refactor.move.routewise';
      const move = await soon('the refactoring', async () => {
        const offered = await vscode.commands.executeCommand(
          'vscode.executeCodeActionProvider', document.uri, new vscode.Range(place, place), kind, 1);
        return offered.find((action) => action.kind?.value === kind && action.edit);
      });
      const touched = move.edit.entries().map(([uri]) => vscode.workspace.asRelativePath(uri));
      for (const file of ['app/api/users/route.ts', 'services/api/src/app.ts', 'services/api/package.json']) {
        assert(touched.includes(file), `${file} among ${touched}`);
      }
      assert(await vscode.workspace.applyEdit(move.edit, { isRefactoring: true }));
      assert.match(document.getText(), /API_SERVICE_URL|api-service/);
      const service = await vscode.workspace.openTextDocument(at('services/api/src/app.ts'));
      assert.match(service.getText(), /helmet/);
    });
  },

  async untrusted(holds) {
    await holds('the workspace is not trusted', async () => assert.strictEqual(vscode.workspace.isTrusted, false));
    await holds('its setting and its package are not heeded: the server inside the extension runs', async () => {
      await doing('ready');
      assert.strictEqual((await api()).origin(), 'extension');
      assert.strictEqual(servers()[0].program, path.join(extension().extensionPath, 'server', 'routewise'));
      assert(!fs.existsSync(path.join(root().fsPath, 'was-run')));
    });
    await holds('findings are shown', async () => {
      await show(REPORT);
      await soon('a finding', () => ours(at(REPORT)).length === 1);
    });
  },

  async missing(holds) {
    await holds('without a server nothing runs, and that is said', async () => {
      await show(REPORT);
      await doing('failed');
      assert.strictEqual(servers().length, 0);
    });
  },

  async project(holds) {
    await holds('the server of the project goes before the one inside the extension', async () => {
      await doing('ready');
      assert.strictEqual((await api()).origin(), 'project');
      assert(servers()[0].program.startsWith(root().fsPath));
    });
  },

  async folders(holds) {
    const [first, second] = vscode.workspace.workspaceFolders;
    const file = (folder) => vscode.Uri.joinPath(folder.uri, REPORT);
    // Without a tab of its own the first file would be closed by the second, and its findings with it.
    const open = async (uri) => vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
    await holds('one server serves both folders', async () => {
      for (const folder of [first, second]) {
        await open(file(folder));
        await soon('a finding', () => ours(file(folder)).length === 1);
      }
      assert.strictEqual(servers().length, 1);
      const { routes } = await api();
      await soon('the routes of both', () => routes().routes.length === 8);
    });
    await holds('a setting of one folder holds there only', async () => {
      const set = (folder, level) => {
        const settings = vscode.workspace.getConfiguration('routewise', folder.uri);
        const rules = level && { 'clients/prisma-client-per-request': level };
        return settings.update('rules', rules, vscode.ConfigurationTarget.WorkspaceFolder);
      };
      const told = () => String([first, second].map((folder) => ours(file(folder)).map(({ severity }) => LEVELS[severity])));
      await set(first, 'off');
      await soon('none in the first, the second as before', () => told() === ',error');
      await set(second, 'information');
      await soon('none in the first, information in the second', () => told() === ',information');
      await set(first, undefined);
      await soon('the first as before, information in the second', () => told() === 'error,information');
      await set(second, undefined);
      await soon('both as before', () => told() === 'error,error');
    });
    await holds('a folder is left alone where it is not wanted, by itself or for want of a configuration', async () => {
      const set = (folder, key, value) =>
        vscode.workspace.getConfiguration('routewise', folder.uri).update(key, value, vscode.ConfigurationTarget.WorkspaceFolder);
      const counts = () => String([first, second].map((folder) => ours(file(folder)).length));
      await set(first, 'enable', false);
      await soon('none in the first', () => counts() === '0,1');
      await set(first, 'enable', undefined);
      await soon('both as before', () => counts() === '1,1');
      await set(second, 'requireConfig', true);
      await soon('none in the second', () => counts() === '1,0');
      fs.writeFileSync(path.join(second.uri.fsPath, 'routewise.json'), '{}\n');
      await soon('with a configuration it is looked at', () => counts() === '1,1');
      await set(second, 'requireConfig', undefined);
    });
    await holds('where no folder wants it no server runs', async () => {
      const settings = vscode.workspace.getConfiguration('routewise');
      await settings.update('enable', false, vscode.ConfigurationTarget.Workspace);
      await doing('off');
      await soon('the server has left', () => servers().length === 0);
      await settings.update('enable', undefined, vscode.ConfigurationTarget.Workspace);
      await doing('ready');
    });
  },
};

exports.activate = async () => {
  if (!report || fs.existsSync(report)) return;
  const results = [];
  const holds = async (what, check) => {
    const begun = Date.now();
    const took = () => Date.now() - begun;
    try {
      await check();
      results.push({ what, held: true, took: took() });
    } catch (error) {
      results.push({ what, held: false, took: took(), error: String(error.stack ?? error) });
    }
  };
  await scenarios[process.env.ROUTEWISE_SCENARIO](holds);
  fs.writeFileSync(`${report}.part`, JSON.stringify({ version: vscode.version, results }, null, 1));
  fs.renameSync(`${report}.part`, report);
};
