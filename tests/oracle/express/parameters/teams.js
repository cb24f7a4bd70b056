const { Router } = require("express");

const router = Router({ mergeParams: true });

router.param("member", (req, res, next) => next());
router.get("/", (req, res) => res.json(req.params));
router.get("/members/:member", (req, res) => res.json(req.params));

module.exports = router;
