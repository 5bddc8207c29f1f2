import { PerformanceObserver } from "node:perf_hooks";
import { beforeNext, takeSpent } from "../lib/on-loop.ts";

/** A standstill of the event loop: nobody else was served meanwhile. */
export interface Standstill {
  /** What took most of it: a name given to `onLoop`, or one of `elsewhere`. */
  operation: string;
  ms: number;
  /** Of it, how long this thread was really at work; the rest it waited, for a disk or for a CPU. */
  cpuMs: number;
  /** Of it, how long unused memory was collected. */
  collectedMs: number;
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
/** Where nothing happens it looks so often, until something does: looking is then nearly all that the server works. */
const EVERY_MS_AT_REST = 1000;
/** Looks in a row that found nothing done, until then. */
const LOOKS_UNTIL_REST = 50;
/** Of a look's time, what the loop may work and still do nothing: the look itself, and timers like it. */
const NOTHING_DONE = 0.1;
/** Shorter ones nobody notices. */
const FROM_MS = 50;

/**
 * Looks every 20 ms whether the event loop came round in time, and reports when it stood still for more than 50 ms. It
 * can only say so afterwards. At rest it looks once a second, and again every 20 ms from the moment in which an operation
 * with a name begins; `onRest` is told of both. Returns the way to stop.
 */
export function watchLoop(
  report: (standstill: Standstill) => void,
  onRest: (isAtRest: boolean) => void = () => undefined,
): Disposable {
  const watch = new LoopWatch(report, onRest);
  return { [Symbol.dispose]: () => watch.stop() };
}

class LoopWatch {
  readonly #report: (standstill: Standstill) => void;
  readonly #onRest: (isAtRest: boolean) => void;
  readonly #observer: PerformanceObserver;
  #collectedMs = 0;
  #isReporting = false;
  #lookedAt = performance.now();
  #cpu = process.threadCpuUsage();
  #everyMs = EVERY_MS;
  #timer: NodeJS.Timeout;
  #looksAtRest = 0;

  constructor(report: (standstill: Standstill) => void, onRest: (isAtRest: boolean) => void) {
    this.#report = report;
    this.#onRest = onRest;
    this.#observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#collectedMs += duration;
    });
    this.#observer.observe({ entryTypes: ["gc"] });
    takeSpent();
    this.#timer = this.#lookEvery(EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    beforeNext(null);
    this.#observer.disconnect();
  }

  #lookEvery(ms: number): NodeJS.Timeout {
    this.#everyMs = ms;
    return setInterval(() => this.#look(), ms).unref();
  }

  #look(): void {
    const now = performance.now();
    const ms = now - this.#lookedAt - this.#everyMs;
    this.#lookedAt = now;
    const spent = takeSpent();
    const used = process.threadCpuUsage(this.#cpu);
    this.#cpu = process.threadCpuUsage();
    const cpuMs = (used.user + used.system) / 1000;
    this.#restOrWake({ spent, cpuMs });
    if (ms >= FROM_MS) this.#reportSoon({ ms, cpuMs, spent });
    else if (!this.#isReporting) this.#collectedMs = 0;
  }

  /** What was collected is told in one of the next two rounds only. */
  #reportSoon(seen: Omit<Seen, "collectedMs">): void {
    this.#isReporting = true;
    setImmediate(() =>
      setImmediate(() => {
        const { ms, cpuMs } = seen;
        const collectedMs = this.#collectedMs;
        this.#report({ operation: operationOf({ ...seen, collectedMs }), ms, cpuMs, collectedMs });
        this.#collectedMs = 0;
        this.#isReporting = false;
      }),
    );
  }

  #restOrWake({ spent, cpuMs }: Pick<Seen, "spent" | "cpuMs">): void {
    const isAtRest = spent.size === 0 && cpuMs < NOTHING_DONE * this.#everyMs;
    this.#looksAtRest = isAtRest ? this.#looksAtRest + 1 : 0;
    if (this.#looksAtRest === LOOKS_UNTIL_REST) {
      this.#change(EVERY_MS_AT_REST);
      this.#onRest(true);
      beforeNext(() => this.#wake());
    } else if (!isAtRest && this.#everyMs !== EVERY_MS) this.#wake();
  }

  /** From now on: what comes is watched from its first moment. */
  #wake(): void {
    this.#looksAtRest = 0;
    this.#lookedAt = performance.now();
    this.#cpu = process.threadCpuUsage();
    this.#change(EVERY_MS);
    this.#onRest(false);
    beforeNext(null);
  }

  #change(everyMs: number): void {
    clearInterval(this.#timer);
    this.#timer = this.#lookEvery(everyMs);
  }
}

interface Seen extends Omit<Standstill, "operation"> {
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
