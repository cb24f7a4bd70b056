import { notFound } from "next/navigation";

export async function POST(request) {
  const { id } = await request.json();
  if (!id) notFound();
  try {
    return Response.json({ id });
  } catch {
    return new Response("that went wrong", { status: 500 });
  }
}
