export const dynamic = "force-dynamc";

export async function POST() {
  return Response.json({ ok: true });
}
