// Bundles the extension into dist/, and puts the schema of routewise.json beside it: what the program
// prints with `routewise schema`, and the same for the key of package.json.
import { build, context } from 'esbuild';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
process.chdir(root);
const has = (flag) => process.argv.includes(flag);

const shared = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };

function schemas() {
  mkdirSync('dist', { recursive: true });
  const text = readFileSync(path.join(root, '../../server/cli/configuration_schema.json'), 'utf8');
  writeFileSync('dist/configuration_schema.json', text);
  // The references of the schema stay right only where its definitions stand at the top.
  const { definitions, ...routewise } = JSON.parse(text);
  const ofPackage = { $schema: 'http://json-schema.org/draft-07/schema#', properties: { routewise }, definitions };
  writeFileSync('dist/package_schema.json', JSON.stringify(ofPackage));
}

if (has('--tests')) {
  rmSync('dist-test', { recursive: true, force: true });
  const tests = readdirSync('test').filter((name) => name.endsWith('.test.ts'));
  await build({ ...shared, entryPoints: tests.map((name) => `test/${name}`), outdir: 'dist-test' });
} else {
  schemas();
  const options = {
    ...shared,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    external: ['vscode'],
    minify: !has('--watch'),
    sourcemap: has('--watch'),
  };
  if (has('--watch')) await (await context(options)).watch();
  else await build(options);
}
