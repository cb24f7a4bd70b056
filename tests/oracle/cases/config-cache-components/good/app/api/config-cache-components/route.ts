export const maxDuration = 300;

export async function POST() {
  return Response.json({ ok: true });
}
