"use server";

export async function save(data) {
  console.log(data.get("id"));
}

export const remove = async (data) => {
  console.log(data.get("id"));
};
