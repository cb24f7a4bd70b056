const express = require("express");

exports.crud = function (name, options) {
  const router = new express.Router();
  router.get("/", (req, res) => res.json(name));
  router.get(`/${name}/:id`, (req, res) => res.json(name));
  return router;
};
