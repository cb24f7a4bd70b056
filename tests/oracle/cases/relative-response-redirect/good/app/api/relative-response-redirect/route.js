export async function POST(request) {
  return Response.redirect(new URL("/login", request.url));
}
