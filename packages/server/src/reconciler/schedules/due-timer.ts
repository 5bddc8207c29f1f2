import { type Clock, sleep, systemClock } from "../../lib/clock.ts";
import type { ScheduleStore } from "../../core/task/schedules.ts";

/** A clock that is set forward is noticed within this time, and what another server has written as well. */
const LONGEST_MS = 30_000;
/** What is due is asked for so many at a time, and so many of them run beside one another. */
const PAGE = 100;
const BESIDE = 8;

export interface DueTimerOptions {
  /** What is due, for messages. */
  what: "schedule" | "retry";
  dates: Pick<ScheduleStore, "due" | "firstAfter">;
  /** Default: the host's. */
  clock?: Clock;
  /** Brings about what is due of one. What that it leaves due is come to again with the next look. */
  fire: (name: string) => Promise<void>;
  report: (what: string, error: unknown) => void;
}

/** One timer, for what is due first, whatever their number: schedules, or runs that are made again. */
export class DueTimer implements AsyncDisposable {
  readonly #options: DueTimerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #hint = Promise.withResolvers<void>();

  constructor(options: DueTimerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#loop();
  }

  /** One may be due sooner than any was: look again. */
  changed(): void {
    this.#hint.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { report, what } = this.#options;
    while (!this.#stop.signal.aborted) {
      this.#hint = Promise.withResolvers();
      try {
        await this.#look();
      } catch (error) {
        report(`look for each ${what} that is due`, error);
      }
      await this.#wait().catch((error: unknown) => report(`look for the next ${what}`, error));
    }
  }

  /** Whichever is done makes room for the next: one that takes long holds up no other. */
  async #look(): Promise<void> {
    const names = this.#due();
    const one = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await names.next();
        if (done === true || this.#stop.signal.aborted) return;
        await this.#fire(value);
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: BESIDE }, one));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  async *#due(): AsyncGenerator<string, void> {
    const { dates, clock = systemClock } = this.#options;
    const now = clock.now();
    for (let after: { nextAt: number; name: string } | null = null; ; ) {
      const due = await dates.due(now, { after, limit: PAGE });
      for (const { name } of due) yield name;
      after = due.at(-1) ?? null;
      if (due.length < PAGE || after === null) return;
    }
  }

  async #fire(name: string): Promise<void> {
    const { fire, report, what } = this.#options;
    try {
      await fire(name);
    } catch (error) {
      report(`run ${what} "${name}"`, error);
    }
  }

  /** Until the first one is due that was not looked at, or somebody changes one. */
  async #wait(): Promise<void> {
    const { dates, clock = systemClock } = this.#options;
    const now = clock.now();
    const first = await dates.firstAfter(now).catch(() => null);
    const ms = Math.min(LONGEST_MS, Math.max(0, (first ?? Infinity) - clock.now()));
    const over = new AbortController();
    const end = (): void => over.abort();
    this.#stop.signal.addEventListener("abort", end, { once: true });
    if (this.#stop.signal.aborted) end();
    const slept = sleep(ms, { signal: over.signal, clock }).catch(() => undefined);
    await Promise.race([slept, this.#hint.promise]);
    this.#stop.signal.removeEventListener("abort", end);
    end();
    await slept;
  }
}
