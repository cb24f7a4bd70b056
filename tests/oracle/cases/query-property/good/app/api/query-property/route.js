export async function GET(req) {
  return Response.json({ found: req.nextUrl.searchParams.get("q") });
}
