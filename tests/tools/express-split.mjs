// express-split.mjs BEFORE AFTER REQUESTS.json: what an Express application inside a route file answers, and what the
// route files do that it became, as JSON. BEFORE and AFTER are the folders of the projects, a request is
// { method, path, body, headers }. The application is asked by Node.js, for Next.js cannot; route files are found by
// their folders as Next.js does, and called with a request of the web.
import { readFileSync, readdirSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [before, after, list] = process.argv.slice(2);
const requests = JSON.parse(readFileSync(list, "utf8"));

function routeFiles(root) {
  const files = readdirSync(path.join(root, "app"), { recursive: true });
  return files.filter((file) => path.basename(file) === "route.js").map((file) => path.join(root, "app", file));
}

const load = (file) => import(pathToFileURL(file).href);

function options({ method, body, headers }) {
  const json = body === undefined ? {} : { "content-type": "application/json" };
  return { method, headers: { ...json, ...headers }, body: body === undefined ? undefined : JSON.stringify(body) };
}

const answer = async (response) => `${response.status} ${await response.text()}`.trim();

async function asked() {
  const [file] = routeFiles(before);
  const { GET: app } = await load(file);
  const server = http.createServer(app).listen(0);
  await new Promise((resolve) => server.on("listening", resolve));
  const answers = [];
  for (const request of requests) {
    const url = `http://localhost:${server.address().port}${request.path}`;
    answers.push(await answer(await fetch(url, options(request))));
  }
  server.close();
  return answers;
}

// The route file of a path, and what its dynamic segments stand for. A plain name wins.
function find(files, pathname) {
  const wanted = pathname.split("/").filter(Boolean);
  const fits = files.flatMap((file) => {
    const segments = path.relative(path.join(after, "app"), path.dirname(file)).split(path.sep);
    const params = {};
    const same = segments.every((segment, at) => {
      const name = /^\[(\w+)\]$/.exec(segment)?.[1];
      if (name) params[name] = wanted[at];
      return name ? at < wanted.length : segment === wanted[at];
    });
    return same && segments.length === wanted.length ? [{ file, params }] : [];
  });
  return fits.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0];
}

async function called() {
  const files = routeFiles(after);
  const answers = [];
  for (const request of requests) {
    const url = new URL(request.path, "http://localhost");
    const { file, params } = find(files, url.pathname);
    const handler = (await load(file))[request.method];
    answers.push(await answer(await handler(new Request(url, options(request)), { params: Promise.resolve(params) })));
  }
  return answers;
}

const files = routeFiles(after).map((file) => path.relative(after, file)).sort();
process.stdout.write(JSON.stringify({ files, before: await asked(), after: await called() }));
process.exit(0);
