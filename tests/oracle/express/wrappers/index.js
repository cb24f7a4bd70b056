const express = require("express");
const { wrap, validate } = require("./wrap");
const controller = require("./controller");
const auth = require("./auth");

const router = express.Router();
router.get("/", auth("read"), wrap(controller.list));
router.post("/", [auth("write"), validate({ name: "string" })], wrap(controller.create));

const app = express();
app.set("x-powered-by", false);
app.use("/things", router);
module.exports = app;
