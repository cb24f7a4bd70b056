// Writes the table that the matcher compiler is tested against, as the installed Next.js decides:
//
//   node tests/matcher-table.mjs path/to/node_modules/next > server/analysis/src/project/matcher/table.tsv
//
// Each line: matcher, regular expression (without what Next.js puts around it), path, whether it runs there.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(import.meta.url);
const next = resolve(process.argv[2]);
console.error = () => {};
const { tryToParsePath } = require(`${next}/dist/lib/try-to-parse-path.js`);

const matchers = [
  "/",
  "/about",
  "/about/",
  "/about/:path*",
  "/dashboard/:path*",
  "/dashboard/:path+",
  "/dashboard/:path?",
  "/api/:path*",
  "/api/(.*)",
  "/api/:function*",
  "/(api|trpc)(.*)",
  "/(api|admin)/:path*",
  "/:path*",
  "/(.*)",
  "/:id",
  "/:id(\\d+)",
  "/users/:id(\\d{1,3})/posts/:post",
  "/blog/:slug([a-z0-9-]+)",
  "/((?!api|_next/static|_next/image|favicon.ico).*)",
  "/((?!api/|_next/|_static/|[\\w-]+\\.\\w+).*)",
  "/((?!api|_next/static|_next/image|.*\\.png$).*)",
  "/((?!_next|[^?]*\\.(?:html?|css|js(?!on)|jpe?g|webp|png|gif|svg|ttf|woff2?|ico|csv|docx?|xlsx?|zip|webmanifest)).*)",
  "/((?!.*\\..*|_next).*)",
  "/((?!.+\\.[\\w]+$|_next).*)",
  "/(api|trpc)/:rest*",
  "/files/:name.:ext",
  "/files/:name.png",
  "/:locale(en|de)/:path*",
  "/:locale(en|de)?/admin",
  "/a{/:b}?",
  "/a{/:b}*/end",
  "/x-:rest",
  "/x/:a-:b",
  "/docs/v:version(\\d+)/(.*)",
  "/(shop|cart)",
  "/(?:a|b)",
  "/:a:b",
  "/foo**",
  "/users/[id]",
  "about",
  "/unclosed/(.*",
  "/caf\\:e",
  "/:path((?!api).*)",
  "/:path((?!api).*)*",
  "/[\\w-]+",
  "/api/(?!auth).*",
  "/api/((?!auth).*)",
  "/api/((?!auth/|public$).+)",
];
const paths = [
  "/", "/about", "/about/", "/About", "/about/team", "/about/team/x", "/dashboard", "/dashboard/", "/dashboard/a",
  "/dashboard/a/b", "/dashboards", "/api", "/api/users", "/api/users/7", "/api/auth", "/api/auth/login", "/api/public",
  "/api/publication", "/apiary", "/trpc", "/trpc/x.y", "/admin", "/admin/x", "/7", "/77", "/abc", "/users/7/posts/x",
  "/users/7777/posts/x", "/blog/a-b-9", "/blog/A", "/_next/static/a.js", "/_next/image", "/_next/data/b/about.json",
  "/favicon.ico", "/logo.png", "/logo.png/x", "/files/a.png", "/files/a.b.png", "/files/a", "/en/admin", "/de", "/en",
  "/fr/admin", "/a", "/a/b", "/a/b/c", "/a/end", "/a/b/c/end", "/x-1", "/x/1-2", "/x/1", "/docs/v2/", "/docs/v2/a/b",
  "/docs/vx/a", "/shop", "/cart", "/shop/1", "/about.json", "/caf:e", "/data.json", "/w-1_", "/users/[id]",
];

for (const matcher of matchers) {
  const whole = `/:nextData(_next/data/[^/]{1,})?${matcher}${matcher === "/" ? "(/?index|/?index\\.json)?" : "{(\\.json)}?"}`;
  let bare;
  let runs;
  try {
    // `path` as people write it, then with what Next.js puts around it.
    bare = matcher.startsWith("/") ? tryToParsePath(matcher).regexStr : undefined;
    const regexp = bare === undefined ? undefined : tryToParsePath(whole).regexStr;
    runs = regexp === undefined ? undefined : new RegExp(regexp);
  } catch {
    runs = undefined;
  }
  if (bare === undefined || runs === undefined) {
    console.log([matcher, "refused"].join("\t"));
    continue;
  }
  console.log([matcher, bare].join("\t"));
  for (const path of paths) console.log(["", path, runs.test(path) ? "runs" : "skipped"].join("\t"));
}
