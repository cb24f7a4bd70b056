export async function POST(request: Request) {
  const raw = await request.text();
  const { name } = JSON.parse(raw);
  return Response.json({ name, length: raw.length });
}
