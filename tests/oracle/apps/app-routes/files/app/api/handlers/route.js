export { GET, POST as PUT } from "../../../lib/handlers";
