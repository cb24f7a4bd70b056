export async function GET(req) {
  return Response.json({ found: req.query.q });
}
