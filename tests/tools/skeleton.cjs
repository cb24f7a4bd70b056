// The skeleton of a Next.js app: which files it has where Next.js looks, what they export, and the options of routes that
// stand in them. Nothing of the code itself.
//
//   node tests/tools/skeleton.cjs path/to/node_modules/typescript APP > tests/oracle/apps/NAME/skeleton.txt
//
// Each line: path, names of exports, options as `name=value`. Methods are what the TypeScript parser finds.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const ts = require(path.resolve(process.argv[2]));
const app = path.resolve(process.argv[3]);
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const OPTIONS = ["runtime", "maxDuration", "dynamic", "revalidate"];
const NAMES = [...METHODS, "default", "generateImageMetadata", "generateSitemaps", "proxy", "middleware"];

/** A literal as JSON; `undefined` where it is none. */
function literal(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) return literal(node.expression);
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(literal);
  if (ts.isObjectLiteralExpression(node)) {
    return Object.fromEntries(node.properties.filter(ts.isPropertyAssignment).map((it) => [it.name.text, literal(it.initializer)]));
  }
  return undefined;
}

function exported(file) {
  const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const names = new Set();
  const options = {};
  for (const node of source.statements) {
    const has = (kind) => ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((it) => it.kind === kind);
    if (ts.isExportAssignment(node)) names.add("default");
    if (ts.isExportDeclaration(node) && !node.isTypeOnly && node.exportClause && ts.isNamedExports(node.exportClause)) {
      node.exportClause.elements.forEach((it) => names.add(it.name.text));
    }
    if (!has(ts.SyntaxKind.ExportKeyword)) continue;
    if (has(ts.SyntaxKind.DefaultKeyword)) names.add("default");
    else if (node.name) names.add(node.name.text);
    if (!ts.isVariableStatement(node)) continue;
    for (const it of node.declarationList.declarations) {
      if (!ts.isIdentifier(it.name)) {
        it.name.elements.forEach((element) => names.add(element.name.text));
        continue;
      }
      names.add(it.name.text);
      const value = it.initializer && literal(it.initializer);
      if (OPTIONS.includes(it.name.text)) options[it.name.text] = value;
      if (it.name.text === "config" && value) {
        for (const key of ["matcher", "runtime", "maxDuration"]) if (value[key] !== undefined) options[key] = value[key];
      }
    }
  }
  return { names: NAMES.filter((name) => names.has(name)), options };
}

const ends = /\.(tsx|ts|jsx|js)$/;
const files = [];
const walk = (folder) => {
  for (const entry of fs.readdirSync(path.join(app, folder), { withFileTypes: true })) {
    const name = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory() && !["node_modules", ".next", ".git"].includes(entry.name)) walk(name);
    else if (entry.isFile() && ends.test(entry.name) && !/\.d\.ts$/.test(entry.name)) files.push(name);
  }
};
["app", "pages", "src/app", "src/pages"].filter((folder) => fs.existsSync(path.join(app, folder))).forEach(walk);
for (const stem of ["middleware", "proxy", "src/middleware", "src/proxy"]) {
  for (const end of ["ts", "js"]) if (fs.existsSync(path.join(app, `${stem}.${end}`))) files.push(`${stem}.${end}`);
}

// In `app` only these names mean anything; every file of `pages` does.
const meant = /(^|\/)(route|page|layout|default|sitemap|robots|manifest|(icon|apple-icon|opengraph-image|twitter-image)\d?)\.[a-z]+$/;
for (const file of files.sort()) {
  const inApp = /^(src\/)?app\//.test(file);
  if (inApp && !meant.test(file)) continue;
  if (/\s/.test(file)) continue;
  const { names, options } = exported(path.join(app, file));
  // The layouts and what only decorates pages are made up.
  const told = Object.entries(options).filter(([, value]) => value !== undefined);
  const words = told.map(([key, value]) => `${key}=${JSON.stringify(value).replace(/ /g, "\\u0020")}`);
  console.log([file, ...names, ...words].join(" "));
}
