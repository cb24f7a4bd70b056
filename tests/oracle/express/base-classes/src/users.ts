import type { Application, NextFunction, Request, Response } from "express";
import { Routes } from "./routes";

export class UserRoutes extends Routes {
  configure() {
    this.router.get("/", this.list);
    this.router.post("/", this.check, this.create);
  }

  check(_req: Request, _res: Response, next: NextFunction) {
    next();
  }

  list(_req: Request, res: Response) {
    res.json([]);
  }

  create(_req: Request, res: Response) {
    res.sendStatus(201);
  }
}

export class AdminRoutes extends UserRoutes {
  constructor(app: Application) {
    super(app, "/admin");
    this.router.delete("/:id", (_req, res) => {
      res.sendStatus(204);
    });
  }

  override configure() {
    super.configure();
    this.router.put("/:id", this.check, (_req, res) => {
      res.sendStatus(204);
    });
  }
}
