export async function POST() {
  return Response.redirect("/login");
}
