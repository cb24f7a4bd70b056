export async function POST(req) {
  return Response.json({ agent: req.headers.get("x-agent") });
}
