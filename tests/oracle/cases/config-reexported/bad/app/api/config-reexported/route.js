export { dynamic } from "@/lib/config-reexported";

export async function POST() {
  return Response.json({ ok: true });
}
