const { Router } = require("express");
const route = Router();

module.exports = (app) => {
  app.use("/auth", route);
  route.post("/signin", (req, res) => res.send("in"));
  route.post("/signup", (req, res) => res.send("up"));
};
