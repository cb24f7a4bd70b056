import { Server } from "./server";
import { UserController } from "./users";
import { HealthController } from "./health";

const server = new Server([new UserController(), new HealthController()]);
server.listen();
export const app = server.app;
