import * as express from "express";
import type { Application } from "express";

interface Controller {
  path: string;
  router: express.Router;
}

export class Server {
  public app: Application;

  constructor(private readonly controllers: Controller[], public readonly prefix = "/api") {
    this.app = express.default ? express.default() : express();
    this.middleware();
    this.routes(controllers);
    this.errors();
  }

  private middleware() {
    this.app.use(express.json());
    this.app.use(this.log);
  }

  private log(_req: express.Request, _res: express.Response, next: express.NextFunction) {
    next();
  }

  private routes(controllers: Controller[]) {
    controllers.forEach((controller) => {
      this.app.use("/api", controller.router);
    });
  }

  private errors() {
    this.app.use(function failed(_err: unknown, _req: express.Request, res: express.Response, _next: unknown) {
      res.sendStatus(500);
    });
  }

  listen() {
    this.app.listen(3000, () => undefined);
  }
}
