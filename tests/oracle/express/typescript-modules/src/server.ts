import express, { type Express } from "express";
import { requireUser as guard } from "./guards";
import { ordersRouter } from "./orders";

const app: Express = express();
app.use(express.json({ limit: "1mb" }), express.urlencoded({ extended: false }));
app.use("/orders", guard, ordersRouter);
app.get("/me", guard, async (_req, res) => {
  res.json({});
});

export default app;
