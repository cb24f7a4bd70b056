import express, { Router } from "express";
import { api } from "./api/index.mjs";
import * as guards from "./guards.mjs";

export const app = express();
app.use(guards.first);
app.use("/api", guards.second, api);
const local = Router();
local.all("/any", guards.first, (req, res) => res.send("any"));
app.use(local);
