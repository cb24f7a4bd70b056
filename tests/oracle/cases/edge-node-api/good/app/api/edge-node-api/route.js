import { hostname } from "node:os";

export async function POST() {
  return Response.json({ length: hostname().length });
}
