import express from "express";

export class HealthController {
  public path = "/health";
  public router = express.Router();
  constructor() {
    this.router.get(this.path, (_req, res) => {
      res.send("ok");
    });
  }
}
