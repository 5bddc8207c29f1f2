export type { Command, OutputChunk, OutputOptions } from "./api/executor/command.ts";
export type { Executor } from "./api/executor/create-executor.ts";
export type { ExecuteOptions, FileContent } from "./api/executor/execute-options.ts";
export type { ExecutorOptions } from "./api/executor/options.ts";
export { type Config, loadConfig } from "./config/config.ts";
export { type Server, startServer } from "./server.ts";
