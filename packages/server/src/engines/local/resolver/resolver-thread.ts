import { workerData } from "node:worker_threads";
import { crashPoint } from "../../../lib/crash-point.ts";
import { KernelSets } from "../networks/kernel-sets.ts";
import { runResolver } from "./run-resolver.ts";
import type { ResolverData } from "./thread-messages.ts";

/**
 * The thread that answers jobs: what these send, however much it is, never comes near the server's own loop. Nor does what it
 * opens for them, for which it has a helper of its own.
 */
const data = workerData as ResolverData;
const sets = new KernelSets(data.sets);
await runResolver(data, {
  async open(link, addresses, ms) {
    await sets.openAddresses(link, addresses, ms);
    crashPoint("net-opened");
  },
  [Symbol.asyncDispose]: () => sets[Symbol.asyncDispose](),
});
