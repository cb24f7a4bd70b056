import { Router } from "express";
import * as guards from "../guards";

const router = Router();
router
  .get("/", function list(_req, res) {
    res.json([]);
  })
  .post("/", guards.requireRole("admin"), function create(_req, res) {
    res.json({});
  });
router.route("/:id").all(guards.requireUser).get((_req, res) => res.json({})).put((_req, res) => res.json({}));
export default router;
