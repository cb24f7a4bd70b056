const express = require("express");
const { crud } = require("./crud");

const makeApp = ({ prefix = "/api" } = {}) => {
  const app = express();
  app.use("/api/cats", crud("cats", { guard }));
  app.use("/api/dogs", crud("dogs", { guard: null }));
  return app;
};
function guard(req, res, next) {
  next();
}
const app = makeApp({ prefix: "/api" });
app.listen(0);
