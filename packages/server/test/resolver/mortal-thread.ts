import { parentPort } from "node:worker_threads";
import type { ToResolver } from "../../src/engines/local/resolver/thread-messages.ts";

/** The resolver's thread, which dies when it is told of rules that are deadly. */
parentPort?.on("message", (message: ToResolver) => {
  if (message.kind === "rules" && message.digest === "deadly") throw new Error("dying as told");
});
await import("./recording-thread.ts");
