const HOUR = 3600;

export const revalidate = HOUR;

export async function GET() {
  return Response.json({ ok: true });
}
