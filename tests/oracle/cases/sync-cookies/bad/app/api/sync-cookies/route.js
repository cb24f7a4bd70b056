import { cookies } from "next/headers";

export async function GET() {
  return Response.json({ theme: cookies().get("theme")?.value });
}
