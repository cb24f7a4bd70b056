import { Router } from "express";
import users from "./users.mjs";
import { teams } from "./teams.mjs";

export const api = Router();
const routes = [
  { path: "/users", route: users },
  { path: "/teams", route: teams },
];
for (const { path, route } of routes) {
  api.use(path, route);
}
