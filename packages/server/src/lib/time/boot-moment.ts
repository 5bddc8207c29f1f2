import { readFileSync } from "node:fs";

/**
 * Milliseconds since the host went up, the same for every process on it: times of different processes can be compared
 * though somebody sets the host's clock in between.
 */
export function sinceBootMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** A moment by the clock that counts since the host went up: nobody sets it, and all processes of the host share it. */
export interface BootMoment {
  /** Which time the host went up: two moments with the same can be compared. */
  boot: string;
  ms: number;
}

let boot: string | null = null;

export function bootMoment(): BootMoment {
  boot ??= bootId();
  return { boot, ms: sinceBootMs() };
}

/** Where the kernel gives none, moments are comparable within this process alone. */
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return `process ${process.pid} of ${Date.now()}`;
  }
}

/** Milliseconds from one to the other; null where the host was restarted in between. */
export function msBetween(from: BootMoment | null | undefined, to: BootMoment): number | null {
  return from?.boot === to.boot ? to.ms - from.ms : null;
}
