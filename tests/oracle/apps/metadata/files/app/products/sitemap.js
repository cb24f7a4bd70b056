export async function generateSitemaps() {
  return [{ id: 0 }, { id: 1 }];
}

export default function list() {
  return [];
}
