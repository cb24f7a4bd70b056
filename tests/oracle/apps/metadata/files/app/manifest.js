export default function manifest() {
  return { name: "x" };
}
