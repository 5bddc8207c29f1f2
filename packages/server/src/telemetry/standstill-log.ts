import type { Clock } from "../lib/clock.ts";
import type { Logger } from "./logger.ts";
import type { Standstill } from "./loop-watch.ts";

/** Between two lines on the same operation: a busy host holds the loop up many times a second. */
const EVERY_MS = 60_000;

/** So much longer than what was said is said at once. From 50 ms to 5 minutes that is 39 lines. */
const WORTH_SAYING = 1.25;
/** Less work than this is no news, however little was said before. */
const LEAST_CPU_MS = 50;

/** What was not said yet of an operation on which a line was written less than a minute ago. */
interface Recent {
  /** The most that was said of it. */
  said: { ms: number; cpuMs: number };
  times: number;
  longest: Standstill | null;
  cancelTimer: () => void;
}

/**
 * Writes of standstills into the log: of the first at once, and of each that is a quarter longer than what was said; of further ones
 * by the same operation once a minute, with how often and the longest. What is not said by then is said when this is disposed; what
 * comes later is said at once, and nothing waits for more: the process is ending.
 */
export class StandstillLog implements Disposable {
  readonly #logger: Logger;
  readonly #clock: Clock;
  /** As many as there are names of operations. */
  readonly #recent = new Map<string, Recent>();
  #disposed = false;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  add(standstill: Standstill): void {
    if (this.#disposed) return this.#write(standstill, 1);
    const recent = this.#recent.get(standstill.operation);
    if (recent === undefined) {
      this.#write(standstill, 1);
      this.#waitAMinute(standstill);
      return;
    }
    const { ms, cpuMs } = standstill;
    if (ms > recent.said.ms * WORTH_SAYING || cpuMs > recent.said.cpuMs * WORTH_SAYING) {
      this.#write(standstill, 1);
      recent.said = mostOf(standstill, recent.said);
      return;
    }
    recent.times += 1;
    if (ms > (recent.longest?.ms ?? 0)) recent.longest = standstill;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const { times, longest, cancelTimer } of this.#recent.values()) {
      cancelTimer();
      if (longest !== null) this.#write(longest, times);
    }
    this.#recent.clear();
  }

  #waitAMinute(said: Standstill): void {
    const { operation } = said;
    const cancelTimer = this.#clock.setTimer(this.#clock.now() + EVERY_MS, () => this.#sayRest(operation));
    this.#recent.set(operation, { said: mostOf(said), times: 0, longest: null, cancelTimer });
  }

  #sayRest(operation: string): void {
    const recent = this.#recent.get(operation);
    this.#recent.delete(operation);
    if (!recent?.longest) return;
    this.#write(recent.longest, recent.times);
    this.#waitAMinute(recent.longest);
  }

  #write({ operation, ...took }: Standstill, times: number): void {
    const [ms, cpuMs, collectedMs] = [took.ms, took.cpuMs, took.collectedMs].map(Math.round);
    const fields = { operation, times, ms, cpuMs, collectedMs };
    this.#logger.warn(fields, "The event loop stood still");
  }
}

function mostOf(
  { ms, cpuMs }: Standstill,
  said: Recent["said"] = { ms: 0, cpuMs: LEAST_CPU_MS },
): Recent["said"] {
  return { ms: Math.max(ms, said.ms), cpuMs: Math.max(cpuMs, said.cpuMs) };
}
