export async function POST() {
  return { ok: true };
}
