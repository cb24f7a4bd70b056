import { NextResponse } from "next/server";

export function middleware(request) {
  if (request.nextUrl.pathname === "/old") {
    return NextResponse.redirect("/");
  }
  return NextResponse.next();
}
