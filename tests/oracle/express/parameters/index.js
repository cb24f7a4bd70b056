const express = require("express");
const teams = require("./teams");

const app = express();

function log(req, res, next) {
  next();
}

// Told of at the end, called for every path all the same.
app.get("/users/:user", (req, res) => res.json(req.params));
app.use(log);
app.use("/users/:user", function owned(req, res, next) {
  next();
});
app.route("/users/:user/posts/:post").get((req, res) => res.json(req.params));
app.use("/teams/:team", teams);
app.get("/health", (req, res) => res.send("ok"));

app.param(["user", "team"], function load(req, res, next, id) {
  next();
});
app.param("post", function loadPost(req, res, next, id, name) {
  next();
});
app.param("user", function allowed(req, res, next) {
  next();
});

app.use((error, req, res, next) => res.sendStatus(500));
app.listen(3000);
