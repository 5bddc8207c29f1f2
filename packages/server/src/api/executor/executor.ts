export type { Command, CommandBody, OutputChunk, OutputOptions } from "./command.ts";
export { createExecutor, type Executor } from "./create-executor.ts";
export type { ExecuteOptions, FileContent } from "./execute-options.ts";
export type { ExecutorOptions } from "./options.ts";
