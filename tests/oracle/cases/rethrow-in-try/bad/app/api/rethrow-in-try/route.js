import { redirect } from "next/navigation";

export async function POST() {
  try {
    redirect("/");
  } catch (error) {
    console.error(error);
    return new Response("that went wrong", { status: 500 });
  }
}
