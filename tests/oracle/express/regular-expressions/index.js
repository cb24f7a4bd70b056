const express = require("express");
const app = express();
const router = express.Router();

app.use(function first(req, res, next) {
  next();
});
app.get(/^\/files\/(.+)$/i, (req, res) => res.send(req.params[0]));
router.get(/\.json$/, (req, res) => res.json({}));
router.get("/plain", (req, res) => res.json({}));
app.use("/data", router);
module.exports = app;
