import { redirect, unstable_rethrow } from "next/navigation";

export async function POST() {
  try {
    redirect("/");
  } catch (error) {
    unstable_rethrow(error);
    return new Response("that went wrong", { status: 500 });
  }
}
