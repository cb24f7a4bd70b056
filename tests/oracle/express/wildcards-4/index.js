const express = require("express");
const app = express();
const guard = (req, res, next) => next();
app.all("/api/*", guard);
app.get("/api/users/:id?", (req, res) => res.send("user"));
app.get("/api/users/:id(\\d+)/posts", (req, res) => res.send("posts"));
app.get("/files/:name.:ext", (req, res) => res.send("file"));
app.get("*", (req, res) => res.send("rest"));
module.exports = app;
