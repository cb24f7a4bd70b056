export async function POST(req, res) {
  res.status(201).json({ ok: true });
}
