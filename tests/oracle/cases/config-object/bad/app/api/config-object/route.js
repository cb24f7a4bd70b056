export const config = { api: { bodyParser: false } };

export async function POST() {
  return Response.json({ ok: true });
}
