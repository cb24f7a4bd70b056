export default function handler(req, res) {
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform" });
  const timer = setInterval(() => res.write(`data: tick\n\n`), 50);
  req.on("close", () => {
    clearInterval(timer);
    res.end();
    globalThis.sseCloseSeen?.("closed");
  });
}
