export async function POST(request: Request) {
  const { name } = await request.json();
  if (name) {
    return Response.json({ name });
  }
}
