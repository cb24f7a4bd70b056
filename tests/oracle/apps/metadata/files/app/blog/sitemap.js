export default function list() {
  return [];
}
