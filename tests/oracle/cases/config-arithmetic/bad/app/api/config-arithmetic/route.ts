export const maxDuration = 60 * 5;

export async function POST() {
  return Response.json({ ok: true });
}
