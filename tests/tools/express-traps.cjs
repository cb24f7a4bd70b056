// express-traps.cjs CASES.json: loads each app, sends it requests and prints what came of it, as JSON.
//
// CASES.json is a list of { name, app, requests }: "GET /users", "POST /users {\"name\":\"a\"} x-key=1", a body and headers
// without blanks; ">x-key" asks for a header of the answer. An app exports an Express application. An answer is
// "STATUS TEXT", with the headers that were asked for: of an error page only the error, of a redirect where it leads
// to; "hangs" is none in time.
"use strict";
const http = require("node:http");
const { readFileSync } = require("node:fs");

const PATIENCE = 200;
const OTHERS = 10;

// A handler whose promise is rejected would end the process here, as it would elsewhere.
process.on("unhandledRejection", () => {});

function text(body) {
  const page = /<pre>([\s\S]*?)<\/pre>/.exec(body);
  const line = (page ? page[1] : body).split(/<br>|\n/)[0];
  const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return line.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name]).trim();
}

function send(port, method, path, done, parts = []) {
  const given = parts.find((part) => part.startsWith("{"));
  const asked = parts.filter((part) => part.startsWith(">")).map((part) => part.slice(1));
  const pairs = parts.filter((part) => part !== given && !part.startsWith(">"));
  const headers = Object.fromEntries(pairs.map((part) => [part.split("=", 1)[0], part.slice(part.indexOf("=") + 1)]));
  if (given) headers["content-type"] = "application/json";
  const sent = http.request({ port, method, path, headers, agent: false }, (answer) => {
    let body = "";
    answer.setEncoding("utf8");
    answer.on("data", (part) => (body += part));
    const shown = () => asked.filter((name) => name in answer.headers).map((name) => `${name}: ${answer.headers[name]}`);
    answer.on("end", () => done([`${answer.statusCode} ${text(body)}`.trim(), ...shown()].join(" ")));
  });
  sent.on("upgrade", (answer, socket) => {
    socket.destroy();
    done(`${answer.statusCode}`);
  });
  sent.on("error", (error) => done(`broken ${error.code}`));
  sent.end(given);
  return sent;
}

// What takes so long on a busy machine is no sign of a request that hangs: others have to be answered meanwhile.
async function ask(control, port, request) {
  const [method, path, ...parts] = request.split(" ");
  let answer;
  const sent = send(port, method, path, (it) => (answer ??= it), parts);
  const start = Date.now();
  for (let others = 0; answer === undefined; others++) {
    if (others >= OTHERS && Date.now() - start >= PATIENCE) {
      answer = "hangs";
      sent.destroy();
      break;
    }
    await new Promise((resolve) => send(control, "GET", "/", resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return answer;
}

function load({ app }) {
  try {
    return { server: require(app).listen(0), boot: "" };
  } catch (error) {
    return { boot: error.message.split("\n")[0] };
  }
}

async function main() {
  const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
  const loaded = cases.map(load);
  const control = http.createServer((_, answer) => answer.end("here")).listen(0);
  await new Promise((resolve) => control.on("listening", resolve));
  const seen = {};
  await Promise.all(
    cases.map(async ({ name, requests }, number) => {
      const { server, boot } = loaded[number];
      const answers = [];
      for (const request of server ? requests : []) {
        answers.push(await ask(control.address().port, server.address().port, request));
      }
      seen[name] = { boot, answers };
    }),
  );
  process.stdout.write(JSON.stringify(seen));
  process.exit(0);
}

main();
