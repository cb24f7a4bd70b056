export async function POST(request: Request) {
  const raw = await request.text();
  const { name } = await request.json();
  return Response.json({ name, length: raw.length });
}
