import { NextResponse } from "next/server";

export function middleware() {
  return NextResponse.next();
}

export const config = { matcher: [
  "/about",
  "/api/users/:path*",
  "/api/orders/:id(\\d+)",
  "/api/open/:path+",
  "/(v1|v3)/items",
  "/shop/((?!sale).*)",
  { source: "/cart", has: [{ type: "cookie", key: "session" }] },
  { source: "/admin/:page" },
] };
