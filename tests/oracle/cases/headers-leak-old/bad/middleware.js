import { NextResponse } from "next/server";

export function middleware(request) {
  const headers = new Headers(request.headers);
  headers.set("x-internal-user", "42");
  return NextResponse.next({ headers });
}
