import { both } from "../../../lib/handlers";

export const { GET, POST } = both;
