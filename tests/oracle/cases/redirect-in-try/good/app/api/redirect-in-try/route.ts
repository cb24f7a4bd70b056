import { redirect } from "next/navigation";

export async function POST(request: Request) {
  let to;
  try {
    to = (await request.json()).to;
  } catch (error) {
    return Response.json({ error: "that went wrong" }, { status: 500 });
  }
  redirect(to);
}
