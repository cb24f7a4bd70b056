const express = require("express");
const users = require("./users");

const app = express();
app.use(express.json());
app.use(function log(req, res, next) {
  next();
});
app.get("/", (req, res) => res.send("home"));
app.use("/api/v1/users", function auth(req, res, next) {
  next();
}, users);
app.get("/health", (req, res) => res.send("ok"));
app.use(function notFound(req, res) {
  res.sendStatus(404);
});
app.use(function onError(err, req, res, next) {
  res.sendStatus(500);
});
app.listen(3000);
