export async function POST(req) {
  const form = await req.formData().catch(() => null);
  const data = await req.json();
  return Response.json({ name: data.name, form: form !== null });
}
