import { cookies } from "next/headers";

export const dynamic = "force-dynamic";

export async function GET() {
  const jar = await cookies();
  return Response.json({ theme: jar.get("theme")?.value ?? null });
}
