export const dynamic = "force-dynamic";

export async function GET() {
  return new Response("<rss>of the route</rss>", { headers: { "content-type": "application/xml" } });
}

export async function POST() {
  return new Response("of the route");
}
