import { once } from "node:events";
import { isBerthError } from "@berth/protocol";
import { loadConfig } from "./config/config.ts";
import { exitWatchdog } from "./lib/exit-watchdog.ts";
import { untilSignal } from "./lib/signals.ts";
import { startServer } from "./server.ts";

const stop = untilSignal(["SIGINT", "SIGTERM"]);
try {
  await using server = await startServer(loadConfig());
  console.log(`Berth is ready at ${server.url}`);
  if (!stop.aborted) await once(stop, "abort");
  exitWatchdog(15_000);
} catch (error) {
  console.error(isBerthError(error) ? `${error.message}\nFix: ${error.fix}` : error);
  process.exitCode = 1;
}
