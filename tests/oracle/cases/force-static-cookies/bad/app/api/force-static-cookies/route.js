import { cookies } from "next/headers";

export const dynamic = "force-static";

export async function GET() {
  const jar = await cookies();
  return Response.json({ theme: jar.get("theme")?.value ?? null });
}
