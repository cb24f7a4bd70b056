import { Router, type Application, type NextFunction, type Request, type Response } from "express";

export abstract class Routes {
  protected readonly router = Router();

  constructor(
    protected readonly app: Application,
    protected readonly prefix: string = "",
  ) {
    this.router.use(this.trace);
    this.configure();
  }

  abstract configure(): void;

  mount() {
    this.app.use(this.prefix, this.router);
  }

  trace(_req: Request, _res: Response, next: NextFunction) {
    next();
  }
}
