import { execFileSync } from "node:child_process";
import { appendFileSync, globSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createExecutor } from "../../packages/server/src/api/executor/executor.ts";

/**
 * Disposes an executor on a disk that is "full", or where every write is "refused". Arguments: which of both, and the
 * command that it runs. Prints the code of the error, or none.
 */
const [disk, command = "", ...args] = process.argv.slice(2);

const executor = await createExecutor();
const running = await executor.execute(command, args);
while ((await running.status()).state !== "running") await pause();
const filling = disk === "full" ? setInterval(fill, 1) : undefined;
// The server's own reserve goes too.
while (disk === "full" && globSync(join(tmpdir(), "*", "reserve")).length > 0) await pause();
if (disk === "refused") execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=0"]);
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
