export const dynamic = "force-dynamic" as const;

export async function POST() {
  return Response.json({ ok: true });
}
