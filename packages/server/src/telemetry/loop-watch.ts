import { PerformanceObserver } from "node:perf_hooks";
import { takeSpent } from "../lib/on-loop.ts";

/** A standstill of the event loop: nobody else was served meanwhile. */
export interface Standstill {
  /** What took most of it: a name given to `onLoop`, or one of `elsewhere`. */
  operation: string;
  ms: number;
  /** Of it, how long this thread was really at work; the rest it waited, for a disk or for a CPU. */
  cpuMs: number;
}

/** What a standstill is put down to when no named operation took half of it. */
export const elsewhere = {
  /** The collector of unused memory held everything up. */
  garbage: "garbage collection",
  /** The thread hardly worked: the host gave it no CPU, or a disk did not answer. */
  host: "waiting for the host",
  unknown: "unknown",
} as const;

const EVERY_MS = 20;
/** Shorter ones nobody notices. */
const FROM_MS = 50;

/**
 * Looks every 20 ms whether the event loop came round in time, and reports when it stood still for more than 50 ms. It
 * can only say so afterwards. Returns the way to stop.
 */
export function watchLoop(report: (standstill: Standstill) => void): Disposable {
  let collectedMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collectedMs += duration;
  });
  observer.observe({ entryTypes: ["gc"] });
  let [lookedAt, cpu] = [performance.now(), process.threadCpuUsage()];
  const look = (): void => {
    const now = performance.now();
    const ms = now - lookedAt - EVERY_MS;
    lookedAt = now;
    const spent = takeSpent();
    const used = process.threadCpuUsage(cpu);
    cpu = process.threadCpuUsage();
    if (ms < FROM_MS) {
      collectedMs = 0;
      return;
    }
    const cpuMs = (used.user + used.system) / 1000;
    // What was collected is told in the next round only.
    setImmediate(() => {
      report({ operation: operationOf({ ms, cpuMs, collectedMs, spent }), ms, cpuMs });
      collectedMs = 0;
    });
  };
  takeSpent();
  const timer = setInterval(look, EVERY_MS);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      observer.disconnect();
    },
  };
}

interface Seen {
  ms: number;
  cpuMs: number;
  collectedMs: number;
  spent: ReadonlyMap<string, number>;
}

/** Named is only what took at least half of it: a guess would send its reader the wrong way. */
export function operationOf({ ms, cpuMs, collectedMs, spent }: Seen): string {
  const half = ms / 2;
  if (collectedMs >= half) return elsewhere.garbage;
  const [longest] = [...spent].toSorted(([, a], [, b]) => b - a);
  if (longest !== undefined && longest[1] >= half) return longest[0];
  return cpuMs < half ? elsewhere.host : elsewhere.unknown;
}
