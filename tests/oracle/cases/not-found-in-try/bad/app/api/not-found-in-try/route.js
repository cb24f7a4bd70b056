import { notFound } from "next/navigation";

export async function POST(request) {
  try {
    const { id } = await request.json();
    if (!id) notFound();
    return Response.json({ id });
  } catch {
    return new Response("that went wrong", { status: 500 });
  }
}
