import { Routes } from "./routes";

export class HealthRoutes extends Routes {
  configure() {
    this.router.get("/health", (_req, res) => {
      res.send("ok");
    });
  }

  override mount() {
    super.mount();
    this.app.get("/version", (_req, res) => {
      res.send("1");
    });
  }
}
