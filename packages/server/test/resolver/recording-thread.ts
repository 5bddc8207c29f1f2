import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { runResolver } from "../../src/engines/local/resolver/run-resolver.ts";
import type { FromResolver, ResolverData } from "../../src/engines/local/resolver/thread-messages.ts";

/**
 * The resolver's thread with no kernel behind it: it tells what it is to open as a problem. A link that is a path is open when
 * there is such a file; one that is called `no-table` never is.
 */
await runResolver(workerData as ResolverData, {
  async open(link, addresses, ms) {
    const message = `opening ${addresses.join()} for ${link}, ${ms} ms`;
    parentPort?.postMessage({ kind: "problem", message } satisfies FromResolver);
    if (link === "no-table") throw new Error("there is no table");
    while (link.startsWith("/") && !existsSync(link)) await pause(5);
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
});
