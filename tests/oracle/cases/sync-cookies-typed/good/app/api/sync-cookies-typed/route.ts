import { cookies } from "next/headers";

export async function GET() {
  const jar = await cookies();
  return Response.json({ theme: jar.get("theme")?.value });
}
