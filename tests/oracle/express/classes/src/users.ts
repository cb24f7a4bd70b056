import { Router, type Request, type Response } from "express";

export class UserController {
  path = "/users";
  router = Router();

  constructor() {
    this.initializeRoutes();
  }

  private initializeRoutes() {
    this.router.get(this.path, this.list);
    this.router.post(`${this.path}/:id`, this.check, this.update.bind(this));
  }

  list = (_req: Request, res: Response) => res.json([]);

  check(_req: Request, _res: Response, next: () => void) {
    next();
  }

  update(_req: Request, res: Response) {
    res.json({});
  }
}
