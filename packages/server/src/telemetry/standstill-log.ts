import type { Clock } from "../lib/clock.ts";
import type { Logger } from "./logger.ts";
import type { Standstill } from "./loop-watch.ts";

/** Between two lines on the same operation: a busy host holds the loop up many times a second. */
const EVERY_MS = 60_000;

/** What was not said yet of an operation on which a line was written less than a minute ago. */
interface Recent {
  times: number;
  longest: Standstill | null;
  cancelTimer: () => void;
}

/**
 * Writes of standstills into the log: of the first at once, of further ones by the same operation once a minute, with
 * how often and the longest. What is not said by then is said when this is disposed.
 */
export class StandstillLog implements Disposable {
  readonly #logger: Logger;
  readonly #clock: Clock;
  /** As many as there are names of operations. */
  readonly #recent = new Map<string, Recent>();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  add(standstill: Standstill): void {
    const recent = this.#recent.get(standstill.operation);
    if (recent === undefined) {
      this.#write(standstill, 1);
      this.#waitAMinute(standstill.operation);
      return;
    }
    recent.times += 1;
    if (standstill.ms > (recent.longest?.ms ?? 0)) recent.longest = standstill;
  }

  [Symbol.dispose](): void {
    for (const { times, longest, cancelTimer } of this.#recent.values()) {
      cancelTimer();
      if (longest !== null) this.#write(longest, times);
    }
    this.#recent.clear();
  }

  #waitAMinute(operation: string): void {
    const cancelTimer = this.#clock.setTimer(this.#clock.now() + EVERY_MS, () => this.#sayRest(operation));
    this.#recent.set(operation, { times: 0, longest: null, cancelTimer });
  }

  #sayRest(operation: string): void {
    const recent = this.#recent.get(operation);
    this.#recent.delete(operation);
    if (!recent?.longest) return;
    this.#write(recent.longest, recent.times);
    this.#waitAMinute(operation);
  }

  #write({ operation, ms, cpuMs }: Standstill, times: number): void {
    const fields = { operation, times, ms: Math.round(ms), cpuMs: Math.round(cpuMs) };
    this.#logger.warn(fields, "The event loop stood still");
  }
}
