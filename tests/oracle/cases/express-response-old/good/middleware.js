import { NextResponse } from "next/server";

export function middleware(req) {
  if (req.nextUrl.pathname === "/private") {
    return NextResponse.json({ error: "sign in" }, { status: 401 });
  }
}
