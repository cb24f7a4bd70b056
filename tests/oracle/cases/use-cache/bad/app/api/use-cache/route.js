export async function GET() {
  "use cache";
  return Response.json({ now: "ok" });
}
