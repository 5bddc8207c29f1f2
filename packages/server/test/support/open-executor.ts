import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  createExecutor,
  type Executor,
  type ExecutorOptions,
  type OutputChunk,
} from "../../src/api/executor/executor.ts";
import { tempFolder } from "./temp-folder.ts";

/** Disposed with the test, unless the test has done so. */
export async function openExecutor(options: ExecutorOptions = {}): Promise<Executor> {
  const executor = await createExecutor(options);
  onTestFinished(() => executor[Symbol.asyncDispose]());
  return executor;
}

/** A data folder of the test's own. */
export function ownDataFolder(): string {
  const temp = tempFolder();
  onTestFinished(() => temp[Symbol.asyncDispose]());
  return join(temp.path, "data");
}

/** All of an output, to its end. */
export async function readAll(output: AsyncIterable<OutputChunk>): Promise<OutputChunk[]> {
  return await Array.fromAsync(output);
}
