import { existsSync, rmSync } from "node:fs";
import { workerData } from "node:worker_threads";
import type { ResolverData } from "../../src/engines/local/resolver/thread-messages.ts";

/** The resolver's thread, which dies when there is a file `die` beside the host's list of servers; the next one does not. */
const die = new URL("die", `file://${(workerData as ResolverData).resolvConf}`);
setInterval(() => {
  if (!existsSync(die)) return;
  rmSync(die);
  throw new Error("dying as told");
}, 20).unref();
await import("./recording-thread.ts");
