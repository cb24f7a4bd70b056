const express = require("express");
const app = express();
const admin = express();

admin.use(function onlyAdmins(req, res, next) {
  next();
});
admin.get("/stats", (req, res) => res.send("stats"));
app.use(["/admin", "/manage"], admin);
app.use(function late(req, res, next) {
  next();
});
app.get("/", (req, res) => res.send("home"));
admin.get("/added-later", (req, res) => res.send("late"));
module.exports = app;
