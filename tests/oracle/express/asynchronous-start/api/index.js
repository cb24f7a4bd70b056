const { Router } = require("express");
const auth = require("./auth");

module.exports = () => {
  const app = Router();
  auth(app);
  return app;
};
