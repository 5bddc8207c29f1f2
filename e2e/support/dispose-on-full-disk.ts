import { appendFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createExecutor } from "../../packages/server/src/api/executor/executor.ts";

/** Disposes an executor on a full disk. Arguments: the command that it runs. Prints the code of the error. */
const [command = "", ...args] = process.argv.slice(2);

const executor = await createExecutor();
const running = await executor.execute(command, args);
while ((await running.status()).state !== "running") await pause();
const filling = setInterval(fill, 1);
// The server's own reserve goes too.
for (let time = 0; time < 200; time += 1) await pause();
try {
  await executor[Symbol.asyncDispose]();
  console.log("none");
} catch (error) {
  console.log((error as { code?: string }).code);
} finally {
  clearInterval(filling);
}

function fill(): void {
  const { bavail, bsize } = statfsSync(tmpdir());
  try {
    if (bavail > 0) appendFileSync(join(tmpdir(), "fill"), Buffer.alloc(bavail * bsize));
  } catch {
    // Somebody else was faster.
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
