const express = require("express");
const app = express();
const inner = express.Router({ mergeParams: true });
const loadOrg = (req, res, next) => next();

app.param("org", (req, res, next, org) => next());
inner.get("/repos/:repo", (req, res) => res.json(req.params));
app.use("/orgs/:org", loadOrg, inner);
app.use("/orgs/:org/teams/:team", loadOrg);
app.get("/orgs/:org/teams/:team/members", (req, res) => res.json(req.params));
app.get("/orgs/:org/members", (req, res) => res.json(req.params));
module.exports = app;
