export async function POST() {
  return new Response("unchanged", { status: 304 });
}
