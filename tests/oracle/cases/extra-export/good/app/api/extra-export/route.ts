import { PAGE_SIZE } from "@/lib/extra-export";

export const dynamic = "force-dynamic";

export async function GET() {
  return Response.json({ size: PAGE_SIZE });
}
