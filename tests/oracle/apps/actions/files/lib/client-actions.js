"use server";

export async function like(id) {
  return id;
}

async function own(id) {
  return id;
}

export { own as renamed };
