export async function POST(req) {
  const { name } = req.body;
  return Response.json({ name });
}
