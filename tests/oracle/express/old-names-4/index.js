const express = require("express");

const app = express();

function check(req, res, next) {
  next();
}

app.get("/users/:id?", (req, res) => res.json([]));
app.del("/users/:id", check, (req, res) => res.sendStatus(204));
app.all("/any", check, (req, res) => res.send("any"));
app.listen(3000);
