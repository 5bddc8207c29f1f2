import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** More than the pool has: 4, where nobody has set another number. */
const THREADS = 64;

/**
 * Keeps every thread of this process's pool waiting: what is asked of the pool now begins only when this is disposed of,
 * so that what happens meanwhile happens on the event loop. `folder` is made, for FIFOs.
 */
export function fillThreadPool(folder: string): AsyncDisposable {
  const paths = Array.from({ length: THREADS }, (_, index) => join(folder, `thread-${index}`));
  mkdirSync(folder);
  execFileSync("mkfifo", paths);
  // The open of a FIFO waits for somebody at its other end.
  const waiting = paths.map((path) => open(path, "r"));
  return {
    async [Symbol.asyncDispose]() {
      const others = paths.map((path) => openSync(path, constants.O_RDWR));
      for (const handle of await Promise.all(waiting)) await handle.close();
      for (const fd of others) closeSync(fd);
    },
  };
}

/** Lets the event loop go round, with all that waits for it. */
export async function turnsOfTheLoop(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}
