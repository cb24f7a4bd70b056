import { wrap } from "../../../lib/handlers";

export const DELETE = wrap(() => Response.json({}));
export async function POST() {
  return Response.json({});
}
