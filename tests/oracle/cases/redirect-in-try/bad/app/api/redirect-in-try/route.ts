import { redirect } from "next/navigation";

export async function POST(request: Request) {
  try {
    const { to } = await request.json();
    redirect(to);
  } catch (error) {
    return Response.json({ error: "that went wrong" }, { status: 500 });
  }
}
