export { type Config, loadConfig } from "./config/config.ts";
export { type Server, startServer } from "./server.ts";
