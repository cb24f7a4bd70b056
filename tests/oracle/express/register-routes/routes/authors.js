const router = require("express").Router();
router.get("/", (req, res) => res.send("authors"));
exports = module.exports = router;
