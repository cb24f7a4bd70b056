const express = require("express");
const app = express();
const router = express.Router();
const check = (req, res, next) => next();

router
  .use(check)
  .route("/items")
  .get((req, res) => res.send("list"))
  .post(express.json(), (req, res) => res.send("made"))
  .delete(check, check, (req, res) => res.send("gone"));
router.route("/items/:id").all(check).patch((req, res) => res.send("changed"));
app.use("/v1", router).use("/v2", check, router).get("/end", (req, res) => res.send("end"));
app.all("/everything", check, (req, res) => res.send("all"));
app.get("/everything", (req, res) => res.send("never"));
module.exports = app;
