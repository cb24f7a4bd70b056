import { save, remove as drop } from "../lib/actions";
import { Button } from "./button";

export default function Page() {
  async function inline(data) {
    "use server";
    console.log(data.get("name"));
  }
  return (
    <form action={inline}>
      <button formAction={save}>Save</button>
      <button formAction={drop}>Remove</button>
      <Button />
    </form>
  );
}
