const express = require("express");
const app = express();

const a = (req, res, next) => next();
const b = (req, res, next) => next();
function c(req, res, next) {
  next();
}
const common = [a, [b]];
const paths = ["/cats", "/dogs"];

app.use(common);
app.get(paths, [c, ...common], (req, res) => res.send("pets"));
app.use(["/x", "/y"], c);
app.get("/x/1", ...common, (req, res) => res.send("1"));
app.get("/y/1", common, c, (req, res) => res.send("1"));
app.get("/z/1", (req, res) => res.send("1"));
module.exports = app;
