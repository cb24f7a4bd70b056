async function handler() {
  return Response.json({ ok: true });
}

export { handler as GET };
