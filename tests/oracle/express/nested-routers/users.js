const { Router } = require("express");
const posts = require("./posts.js");

const router = Router();
const load = (req, res, next) => next();
router.get("/", (req, res) => res.json([]));
router.use("/:id/posts", load, posts);
router.get("/:id", load, (req, res) => res.json({}));
router.delete("/:id", load, (req, res) => res.sendStatus(204));
module.exports = router;
