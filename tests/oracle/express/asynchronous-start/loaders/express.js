const express = require("express");
const routes = require("../api");

module.exports = async ({ app }) => {
  app.enable("trust proxy");
  app.use(express.json());
  app.use("/api", routes());
  app.use((err, req, res, next) => {
    res.sendStatus(500);
  });
};
