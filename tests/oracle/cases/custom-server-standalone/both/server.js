const { createServer } = require("node:http");
const next = require("next");

const app = next({ dev: process.env.NODE_ENV !== "production" });
const handle = app.getRequestHandler();

app.prepare().then(() => {
  const server = createServer((req, res) => {
    if (req.url === "/healthz") {
      res.end("healthy");
      return;
    }
    handle(req, res);
  });
  server.listen(process.env.PORT, () => console.log("Ready"));
});
