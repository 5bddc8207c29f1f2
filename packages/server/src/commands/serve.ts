import { once } from "node:events";
import { type Config, loadConfig } from "../config/config.ts";
import { exitWatchdog } from "../lib/exit-watchdog.ts";
import { returnMemory } from "../lib/return-memory.ts";
import { joinSignals, untilSignal } from "../lib/signals.ts";
import { type Server, startServer } from "../server.ts";
import { goFirst } from "../lib/turns/go-first.ts";

type OpenJobs = Server["takenUp"];

/** Serves until SIGINT or SIGTERM. */
export async function serve(): Promise<void> {
  const stop = untilSignal(["SIGINT", "SIGTERM"]);
  await using server = await start(loadConfig(), stop);
  if (server === null) return console.log("Stopping: it only stood by");
  goFirst();
  console.log(`Berth is ready at ${server.url}`);
  const { takenUp } = server;
  if (takenUp.running + takenUp.queued > 0)
    console.log(`Took up ${counted(takenUp)} that the server before had left`);
  using ended = joinSignals(stop, server.lost);
  if (!ended.signal.aborted) await once(ended.signal, "abort");
  exitWatchdog(15_000);
  if (server.lost.aborted) throw server.lost.reason;
  // Only a word more: a store that cannot be asked must not hold the end.
  const left = await server.openJobs().catch(() => null);
  if (left !== null) console.log(farewell(left));
}

/** null: it was told to stop before it was its turn. */
async function start(config: Config, stop: AbortSignal): Promise<Server | null> {
  const doors = { beforeDoors: returnMemory };
  if (config.standbyMs === null) return await startServer(config, doors);
  const { startWhenFree } = await import("../standby.ts");
  return await startWhenFree(config, { graceMs: config.standbyMs, stop, ...doors });
}

function farewell(left: OpenJobs): string {
  if (left.running + left.queued === 0) return "Stopping: no job is left";
  const goOn = left.running > 0 ? "; what runs goes on" : "";
  return `Stopping with ${counted(left)}${goOn}, and the next start takes it up`;
}

/** As in `2 jobs running and 1 in the queue`. */
function counted({ running, queued }: OpenJobs): string {
  const jobs = (count: number): string => `${count} job${count === 1 ? "" : "s"}`;
  if (running === 0) return `${jobs(queued)} in the queue`;
  return queued === 0 ? `${jobs(running)} running` : `${jobs(running)} running and ${queued} in the queue`;
}
