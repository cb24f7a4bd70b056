const express = require("express");
const app = express();
const guard = (req, res, next) => next();
app.all("/api/*rest", guard);
app.get("/api/users/:id", (req, res) => res.send("user"));
app.get("/files{/:name}", (req, res) => res.send("file"));
app.get("/{*rest}", (req, res) => res.send("rest"));
module.exports = app;
