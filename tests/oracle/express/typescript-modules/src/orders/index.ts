export { default as ordersRouter } from "./router";
