import { once } from "node:events";
import { loadConfig } from "../config/config.ts";
import { exitWatchdog } from "../lib/exit-watchdog.ts";
import { returnMemory } from "../lib/return-memory.ts";
import { untilSignal } from "../lib/signals.ts";
import { startServer } from "../server.ts";

/** Serves until SIGINT or SIGTERM. */
export async function serve(): Promise<void> {
  const stop = untilSignal(["SIGINT", "SIGTERM"]);
  await using server = await startServer(loadConfig());
  returnMemory();
  console.log(`Berth is ready at ${server.url}`);
  if (!stop.aborted) await once(stop, "abort");
  exitWatchdog(15_000);
}
