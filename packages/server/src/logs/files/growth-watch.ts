import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "../../lib/clock.ts";

/** Followers that look at their index in short steps because output is coming. Shared, so that many go slower. */
export class Pace {
  active = 0;

  /** One busy job is looked at every 5 ms, a thousand every 100 ms: at most 10,000 looks a second in all. */
  get stepMs(): number {
    return Math.max(5, this.active / 10);
  }
}

export interface GrowthWatchOptions {
  file: string;
  clock: Clock;
  pace: Pace;
  /** Looks at the file. True when there was something new. */
  look(): boolean;
  /** Whether somebody waits for growth already. */
  isAwaited(): boolean;
}

/** Most jobs are over by then, and nobody has waited for what they write: they need no watch of the kernel. */
const unwatchedMs = 20;

/** Where the kernel gives no watch (its limit is reached, or the file is not there yet), this often is looked instead. */
const blindStepMs = 250;

/**
 * Decides when to look at a job's index:
 *
 *   unwatched: nobody waits, and the job has only just begun
 *      --somebody waits, or a moment later-->
 *   quiet: one kernel watch on the file, no timer
 *      --event--> close the watch, look at once, then every few ms while there is something new
 *      --nothing new--> watch again, look once more (growth between the last look and the watch)
 *
 * A job that writes a million times a second causes one event, and one look per step.
 */
export class GrowthWatch implements Disposable {
  readonly #options: GrowthWatchOptions;
  #watcher: FSWatcher | null = null;
  #cancelTimer: (() => void) | null = null;
  #stopped = false;
  #isUnwatched = true;

  constructor(options: GrowthWatchOptions) {
    this.#options = options;
    if (options.isAwaited()) this.#arm();
    else this.#cancelTimer = options.clock.setTimer(options.clock.now() + unwatchedMs, () => this.#arm());
  }

  /** Somebody waits for growth from now on. */
  await(): void {
    if (this.#isUnwatched && !this.#stopped) this.#arm();
  }

  /** Looks now, between the looks that come anyway. */
  refresh(): void {
    if (this.#stopped || !this.#options.look() || this.#isUnwatched) return;
    this.#stepOn();
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#disarm();
    this.#endStep();
  }

  #arm(): void {
    this.#isUnwatched = false;
    this.#endStep();
    try {
      this.#watcher = watch(this.#options.file, { persistent: false }, () => this.#onEvent());
      this.#watcher.on("error", () => this.#lookBlindly());
    } catch {
      this.#lookBlindly();
    }
    if (this.#options.look()) this.#stepOn();
  }

  #onEvent(): void {
    if (this.#watcher === null) return;
    this.#disarm();
    this.#options.look();
    this.#stepOn();
  }

  /** After something new: look again soon. */
  #stepOn(): void {
    if (this.#stopped) return;
    this.#disarm();
    this.#endStep();
    const { clock, pace } = this.#options;
    pace.active += 1;
    const cancel = clock.setTimer(clock.now() + pace.stepMs, () => {
      if (this.#options.look()) this.#stepOn();
      else this.#arm();
    });
    this.#cancelTimer = () => {
      pace.active -= 1;
      cancel();
    };
  }

  #lookBlindly(): void {
    if (this.#stopped) return;
    this.#disarm();
    this.#endStep();
    const { clock } = this.#options;
    this.#cancelTimer = clock.setTimer(clock.now() + blindStepMs, () => this.#arm());
  }

  #disarm(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  #endStep(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
