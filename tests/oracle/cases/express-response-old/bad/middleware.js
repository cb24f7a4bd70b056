export function middleware(req, res) {
  if (req.nextUrl.pathname === "/private") {
    return res.status(401).json({ error: "sign in" });
  }
}
