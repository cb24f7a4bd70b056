const express = require("express");
const loaders = require("./loaders");

async function startServer() {
  const app = express();
  await loaders.init({ expressApp: app });
  app.get("/started", (req, res) => res.send("yes"));
  app.listen(3000, () => {});
}

startServer();
