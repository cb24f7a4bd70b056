export async function POST() {
  Response.json({ ok: true });
}
