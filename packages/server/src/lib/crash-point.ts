import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";

/** What threads find that are begun later. */
const KEY = "crash-point";
const found = getEnvironmentData(KEY);
let armedAt = typeof found === "string" ? found : null;

/**
 * Makes the process kill itself when it comes to this point, in this thread or one that is begun after this; null disarms. For
 * tests of what survives that.
 */
export function armCrashPoint(name: string | null): void {
  armedAt = name;
  setEnvironmentData(KEY, name ?? undefined);
}

/**
 * Marks a step boundary. Does nothing unless it was armed; then the process is gone before this returns, as by
 * `kill -9`: no handler runs, nothing is flushed.
 */
export function crashPoint(name: string): void {
  if (armedAt === name) process.kill(process.pid, "SIGKILL");
}
