// What a build of Next.js says of its routes, as one JSON object:
//
//   node tests/tools/manifests.cjs APP     # a folder with `.next` in it
//
// The URLs come from the manifests; the methods from the built modules of the route handlers, which are loaded for
// it (`null` where that fails, as on the edge runtime); where the proxy runs from its regular expressions, tried
// with a few paths of each URL.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** What a parameter may stand for: in place of one segment, and of several. */
const VALUES = [["a", "a"], ["7", "7/b"], ["x-Y_9", "x-Y_9/a/7"]];

const app = path.resolve(process.argv[2]);
const read = (name) => {
  const file = path.join(app, ".next", name);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : undefined;
};
const server = path.join(app, ".next", "server");
const routes = read("routes-manifest.json");
const middleware = read("server/middleware-manifest.json") ?? {};
const functions = read("server/functions-config-manifest.json")?.functions ?? {};

/** Paths of a URL, different enough to tell whether a parameter decides. Where there are languages,
 * Next.js holds a path against the matchers with the default one in it. */
function samples(url) {
  const first = routes.basePath + (routes.i18n ? `/${routes.i18n.defaultLocale}` : "");
  const parts = url.split("/").filter(Boolean);
  const made = VALUES.map(([one, many], number) => {
    const filled = parts.flatMap((part) => {
      if (part.startsWith("[[...")) return number === 0 ? [] : [many];
      if (part.startsWith("[...")) return [many];
      return [part.startsWith("[") ? one : part];
    });
    return filled.length > 0 ? `${first}/${filled.join("/")}` : first || "/";
  });
  return [...new Set(made)];
}

/** The matchers of the proxy: `undefined` where there is none. */
function matchers() {
  const node = functions["/_middleware"];
  if (node) return node.matchers ?? [{ regexp: "^.*$" }];
  return Object.values(middleware.middleware ?? {})[0]?.matchers;
}

/** Whether the proxy runs for a URL: always, never, or it depends. */
function covered(url) {
  const all = matchers();
  if (!all) return "never";
  const one = (sample) => {
    const hits = all.filter((matcher) => new RegExp(matcher.regexp).test(sample));
    if (hits.some((matcher) => !matcher.has && !matcher.missing)) return "always";
    return hits.length > 0 ? "depends" : "never";
  };
  const found = new Set(samples(url).map(one));
  return found.size === 1 ? [...found][0] : "depends";
}

/** The methods that the built module of a route handler answers. */
function methods(file) {
  try {
    const built = require(path.join(server, file));
    const own = (built.routeModule ?? built.default?.routeModule).userland;
    return METHODS.filter((method) => typeof own[method] === "function");
  } catch (error) {
    if (process.env.DEBUG) console.error(file, error);
    return null;
  }
}

function appRoutes() {
  const files = read("server/app-paths-manifest.json") ?? {};
  const urls = read("app-path-routes-manifest.json") ?? {};
  return Object.entries(files).map(([page, file]) => {
    const url = urls[page] ?? page;
    const edge = middleware.functions?.[page];
    const config = functions[url] ?? functions[page] ?? {};
    return {
      router: "app",
      page,
      url,
      handler: page.endsWith("/route"),
      methods: page.endsWith("/route") && !edge ? methods(file) : null,
      edge: Boolean(edge),
      maxDuration: config.maxDuration ?? null,
      proxy: covered(url),
    };
  });
}

function pagesRoutes() {
  const files = read("server/pages-manifest.json") ?? {};
  const own = (url) => !["/_app", "/_document", "/_error", "/404", "/500"].includes(url);
  const languages = routes.i18n?.locales ?? [];
  const bare = (url) => {
    const [, first, ...rest] = url.split("/");
    return languages.includes(first) ? `/${rest.join("/")}` : url;
  };
  const urls = [...new Set(Object.keys(files).map(bare).filter(own))];
  return urls.map((url) => ({
    router: "pages",
    page: url,
    url,
    handler: url === "/api" || url.startsWith("/api/"),
    methods: null,
    edge: Boolean(middleware.functions?.[url]),
    maxDuration: functions[url]?.maxDuration ?? null,
    proxy: covered(url),
  }));
}

/** Server functions: where they stand and their names, as far as this version tells. */
function actions() {
  const manifest = read("server/server-reference-manifest.json") ?? {};
  const all = [manifest.node, manifest.edge].flatMap((own) => Object.values(own ?? {}));
  // Seen from the app; functions inside others get names of Next.js's own.
  const inside = (file) => file?.slice(file.indexOf(`${path.basename(app)}/`) + path.basename(app).length + 1) ?? null;
  const own = (name) => (name?.startsWith("$$") ? null : (name ?? null));
  const told = all.map((one) => ({ file: inside(one.filename), name: own(one.exportedName) }));
  const key = (one) => `${one.file} ${one.name}`;
  return [...new Map(told.map((one) => [key(one), one])).values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

// Pages that intercept others are rewrites of Next.js's own.
const ours = (one) => !one.internal && !/\/\(\.{1,3}\)/.test(one.destination);
const moved = (list) => (list ?? []).filter(ours).map(({ source, destination }) => ({ source, destination }));
const rewrites = Array.isArray(routes.rewrites) ? { afterFiles: routes.rewrites } : routes.rewrites;
const order = (a, b) => (a.url + a.page < b.url + b.page ? -1 : 1);
const all = [...appRoutes(), ...pagesRoutes()].filter(({ url }) => !["/_not-found", "/_global-error"].includes(url));
console.log(
  JSON.stringify({
    basePath: routes.basePath,
    routes: all.sort(order),
    rewrites: Object.values(rewrites ?? {}).flatMap(moved),
    redirects: moved(routes.redirects),
    actions: actions(),
  }),
);
