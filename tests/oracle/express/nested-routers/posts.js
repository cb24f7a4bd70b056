const express = require("express");
const router = (module.exports = express.Router({ mergeParams: true }));
router.get("/", (req, res) => res.json(req.params));
router.post("/", express.json(), (req, res) => res.json(req.params));
