// node probe.cjs FOLDER...: loads the application of each folder (its package's "main") on the Express that the
// folder finds, reads the running router, and prints as JSON what a request for each route passes, in order.
// It knows nothing of Routewise. Works with Express 4 and 5.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");

const mounts = new WeakMap();
const subApps = new WeakMap();
let listening = null;

function firstPath(args) {
  let first = args[0];
  while (Array.isArray(first) && first.length > 0) first = first[0];
  return typeof first === "function" ? undefined : args[0];
}

// What is registered is seen on its way in: the router itself keeps no paths of what is mounted.
function watch(express) {
  const prototype = express.Router.prototype.use ? express.Router.prototype : express.Router;
  const { use, route } = prototype;
  prototype.use = function (...args) {
    const before = this.stack.length;
    const result = use.apply(this, args);
    for (const layer of this.stack.slice(before)) mounts.set(layer, firstPath(args));
    return result;
  };
  prototype.route = function (given) {
    const made = route.call(this, given);
    mounts.set(this.stack[this.stack.length - 1], given);
    return made;
  };
  const application = express.application;
  const applicationUse = application.use;
  application.use = function (...args) {
    const apps = args.flat(Infinity).filter((it) => typeof it === "function" && it.handle && it.set);
    const result = applicationUse.apply(this, args);
    const own = routerOf(this).stack.filter((layer) => layer.handle.name === "mounted_app" && !subApps.has(layer));
    own.forEach((layer, number) => subApps.set(layer, apps[number]));
    return result;
  };
  application.listen = function () {
    listening = this;
    return { close() {}, on() {}, address: () => null };
  };
}

const routerOf = (app) => app._router || app.router;

// Express 4 has TypeScript of its own nowhere: the compiler turns it into CommonJS on the way in.
function readTypeScript(typescript) {
  require.extensions[".ts"] = (module, file) => {
    const options = { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022, esModuleInterop: true };
    const text = fs.readFileSync(file, "utf8");
    module._compile(typescript.transpileModule(text, { compilerOptions: options, fileName: file }).outputText, file);
  };
}

const listed = (given) => (given === undefined ? [undefined] : [given].flat(Infinity));

function join(base, given) {
  if (given === undefined) return base;
  if (given instanceof RegExp) return base + String(given);
  const trimmed = base.replace(/\/+$/, "");
  if (given === "" || given === "/") return trimmed;
  return trimmed + (given.startsWith("*") && trimmed ? "/" : "") + given;
}

// A path that the pattern matches.
function sample(given) {
  if (given === undefined || given === "/" || given instanceof RegExp) return "";
  return given
    .replace(/\{?\/?\*\w*\}?/g, "/y/z")
    .replace(/:\w+(\([^)]*\))?/g, "77");
}

const shown = { jsonParser: "express.json", urlencodedParser: "express.urlencoded", serveStatic: "express.static" };

function nameOf(layer) {
  const name = (layer.handle.name || layer.name || "").replace(/^(bound )+/, "");
  return shown[name] || (name === "<anonymous>" || name === "" ? "anonymous" : name);
}

const ALL = 20; // `app.all` registers every method there is

// What `param` was told for the parameters of a layer's path, in the order in which the router calls it.
function parametersOf(router, layer, given) {
  const match = typeof given === "string" && layer.match(sample(given) || "/");
  if (!match) return [];
  const keys = layer.keys ? layer.keys.map((key) => key.name) : Object.keys(match.params);
  return keys.flatMap((key) => (router.params[key] || []).map((callback) => ({ key, name: nameOf({ handle: callback }) })));
}

function walk(router, url, levels, out) {
  // levels: for each router from the outermost, { links, behind: layers behind, sample: of the mount below, own: what
  // `param` was told for that mount or route }
  const links = [];
  const { stack } = router;
  stack.forEach((layer, index) => {
    const here = (given) => [
      ...levels,
      {
        links: [...links],
        behind: stack.slice(index + 1),
        sample: given,
        own: parametersOf(router, layer, given),
      },
    ];
    if (["query", "expressInit"].includes(layer.name)) return;
    for (const given of listed(mounts.get(layer))) {
      if (layer.route) {
        routes(layer.route, join(url, given), here(given), out);
        continue;
      }
      const inner = subApps.has(layer) ? routerOf(subApps.get(layer)) : layer.handle;
      if (inner && inner.stack) walk(inner, join(url, given), here(given), out);
    }
    if (!layer.route && !layer.handle.stack && !subApps.has(layer) && layer.handle.length !== 4) {
      for (const given of listed(mounts.get(layer))) {
        links.push(...parametersOf(router, layer, given).map((it) => ({ layer, ...it })));
      }
      links.push({ layer, name: nameOf(layer) });
    }
    if (layer.route && isAll(layer.route)) {
      for (const inner of handlers(layer.route, "ALL")) links.push({ layer, name: nameOf(inner) });
    }
  });
}

const isAll = (route) =>
  route.stack.every((it) => it.method === undefined) || new Set(route.stack.map((it) => it.method)).size > ALL;

function handlers(route, method) {
  const one = method === "ALL" && route.stack.every((it) => it.method !== undefined) ? "get" : undefined;
  return route.stack.filter((it) => (method === "ALL" ? it.method === one : it.method === method));
}

function routes(route, url, levels, out) {
  const names = isAll(route) ? ["ALL"] : [...new Set(route.stack.map((it) => it.method || "ALL"))];
  // What the layers of each level are asked: the path from there on.
  const paths = levels.map((_, from) => levels.slice(from).map((it) => sample(it.sample)).join("") || "/");
  const text = levels.every((it) => !(it.sample instanceof RegExp));
  const matches = (layer, level) => (text ? layer.match(paths[level]) : mounts.get(layer) === undefined || mounts.get(layer) === "/");
  const passed = levels.flatMap((level, number) => {
    // A router calls what `param` was told once for each value.
    const called = new Set();
    const first = ({ key, name }) => key === undefined || (!called.has(key + name) && called.add(key + name));
    const linked = level.links.filter(({ layer }) => matches(layer, number));
    return [...linked, ...level.own].filter(first).map(({ name }) => name);
  });
  let error = null;
  for (let number = levels.length - 1; number >= 0 && error === null; number--) {
    const found = levels[number].behind.find(
      (layer) => !layer.route && layer.handle.length === 4 && matches(layer, number),
    );
    if (found) error = nameOf(found);
  }
  for (const name of names) {
    const own = handlers(route, name);
    const last = route.stack.indexOf(own[own.length - 1]);
    const before =
      name === "ALL"
        ? own.slice(0, -1)
        : route.stack.slice(0, last).filter((it) => it.method === undefined || it.method === name);
    const handler = nameOf(own[own.length - 1]);
    out.push({
      url: url || "/",
      method: name.toUpperCase(),
      middleware: [...passed, ...before.map(nameOf)],
      handler,
      errorHandler: error,
    });
  }
}

async function load(folder) {
  const from = createRequire(path.join(folder, "package.json"));
  const main = path.join(folder, from("./package.json").main);
  listening = null;
  const loaded = main.endsWith(".mjs") ? await import(pathToFileURL(main)) : require(main);
  await new Promise((done) => setTimeout(done, 20));
  const app = listening || loaded.default || loaded.app || loaded;
  const out = [];
  const router = routerOf(app);
  if (router) walk(router, "", [], out);
  return out;
}

(async () => {
  const folders = process.argv.slice(2);
  const from = createRequire(path.join(path.resolve(folders[0]), "package.json"));
  watch(from("express"));
  readTypeScript(from("typescript"));
  const out = {};
  for (const folder of folders) {
    out[path.basename(folder)] = await load(path.resolve(folder)).catch((error) => ({ error: String(error.stack) }));
  }
  fs.writeSync(1, JSON.stringify({ version: from("express/package.json").version, routes: out }) + "\n");
  process.exit(0);
})();
