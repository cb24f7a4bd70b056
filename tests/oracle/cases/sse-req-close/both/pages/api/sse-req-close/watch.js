export default async function handler(req, res) {
  if (req.method === "POST") {
    globalThis.sseClosed = new Promise((seen) => {
      globalThis.sseCloseSeen = seen;
    });
    return res.json({ ok: true });
  }
  const late = new Promise((done) => setTimeout(done, 1500, "it runs on"));
  return res.json({ stream: await Promise.race([globalThis.sseClosed, late]) });
}
