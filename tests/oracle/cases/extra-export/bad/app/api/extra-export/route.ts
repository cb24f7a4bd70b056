export const PAGE_SIZE = 20;

export async function GET() {
  return Response.json({ size: PAGE_SIZE });
}
