import { hostname } from "node:os";

export const runtime = "edge";

export async function POST() {
  return Response.json({ length: hostname().length });
}
