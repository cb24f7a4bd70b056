import express from "express";
import { AdminRoutes, UserRoutes } from "./users";
import { HealthRoutes } from "./health";

export const app = express();
app.use(express.json());
for (const part of [new HealthRoutes(app), new UserRoutes(app, "/users"), new AdminRoutes(app)]) {
  part.mount();
}
