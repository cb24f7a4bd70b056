const express = require("express");
const register = require("./routes");

const app = express();
app.use(function before(req, res, next) {
  next();
});
register(app);
require("./more")(app, "/more");
app.use(function behind(req, res, next) {
  next();
});
require("./last").last({ app });
module.exports = app;
