import express from "express";
export const teams = express.Router();
teams.get("/:team", (req, res) => res.send("team"));
