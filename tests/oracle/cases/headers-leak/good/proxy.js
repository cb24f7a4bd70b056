import { NextResponse } from "next/server";

export function proxy(request) {
  const headers = new Headers(request.headers);
  headers.set("x-internal-user", "42");
  return NextResponse.next({ request: { headers } });
}
