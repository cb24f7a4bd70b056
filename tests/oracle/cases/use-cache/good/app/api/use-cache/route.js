async function load() {
  "use cache";
  return { now: "ok" };
}

export async function GET() {
  return Response.json(await load());
}
