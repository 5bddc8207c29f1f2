import { availableParallelism } from "node:os";
import type { Job, StopRequest } from "../../core/job/job.ts";
import { stopCause } from "../../core/cause/stop-cause.ts";
import type { Engine } from "../../engines/engine.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Follower } from "../../logs/log-store.ts";

export interface ClockOptions {
  clock: Clock;
  engine: Engine;
  follower: Pick<Follower, "lastOutputAt">;
  graceMs: number;
  /** How long ago the job was started, where the engine knows it better than the wall clock. */
  ageMs: number | null;
  /** Called when a clock has run out. */
  strike(stop: StopRequest): void;
}

/** Asked once: each time the kernel, and files of control groups, would be asked again. */
const PROCESSORS = availableParallelism();

/** The clocks of a running job: run, idle and CPU time. Each is one timer, set for the earliest moment it can matter. */
export class JobClocks implements Disposable {
  readonly #options: ClockOptions;
  #job: Job & { handle: string };
  /** When the run time is over, on the monotonic clock: read from the wall clock once, and moved by extensions only. */
  #runOverAt: number | null = null;
  readonly #cancel = new Map<string, () => void>();

  constructor(job: Job & { handle: string }, options: ClockOptions) {
    this.#job = job;
    this.#options = options;
    const sinceStart = options.ageMs ?? options.clock.now() - (job.startedAt ?? options.clock.now());
    if (job.deadlineAt !== null) {
      const { startedAt } = job;
      this.#moveRun(job.deadlineAt - (startedAt === null ? options.clock.now() : startedAt + sinceStart));
    }
    this.#armRun();
    this.#armIdle();
    // Taken up after a restart it may have used as much as its cores gave since its start: then it is asked at once.
    this.#armCpu(Math.max(sinceStart, 0) * this.#cores());
  }

  /** The job has changed: its run time may have been extended. */
  update(job: Job & { handle: string }): void {
    const { deadlineAt: before } = this.#job;
    const after = job.deadlineAt ?? before;
    const moved = after !== before;
    if (after !== null && moved) this.#moveRun(after - (before ?? this.#options.clock.now()));
    // A start that is not recorded yet has its deadline here only.
    this.#job = { ...job, deadlineAt: job.deadlineAt ?? this.#job.deadlineAt };
    if (moved) this.#armRun();
  }

  [Symbol.dispose](): void {
    for (const cancel of this.#cancel.values()) cancel();
    this.#cancel.clear();
  }

  #moveRun(byMs: number): void {
    this.#runOverAt = (this.#runOverAt ?? this.#options.clock.monotonic()) + byMs;
  }

  /** `dueAt` on the monotonic clock: a step of the wall clock moves no timeout. */
  #set(name: string, dueAt: number, fire: () => void): void {
    const { clock } = this.#options;
    this.#cancel.get(name)?.();
    this.#cancel.set(name, clock.setTimer(clock.now() + dueAt - clock.monotonic(), fire));
  }

  #strike(cause: StopRequest["cause"]): void {
    this[Symbol.dispose]();
    const { graceMs, clock } = this.#options;
    const requestedSinceBoot = clock.sinceBoot();
    this.#options.strike({ cause, graceMs, requestedAt: clock.now(), requestedSinceBoot });
  }

  #armRun(): void {
    const limit = this.#job.limits.runMs;
    if (this.#runOverAt === null || limit === null) return;
    this.#set("run", this.#runOverAt, () => this.#strike(stopCause.runTimeout(limit)));
  }

  #armIdle(): void {
    const limit = this.#job.limits.idleMs;
    if (limit === null) return;
    const { clock, follower } = this.#options;
    const dueAt = (): number => follower.lastOutputAt + limit.value;
    this.#set("idle", dueAt(), () => {
      if (dueAt() <= clock.monotonic()) this.#strike(stopCause.idleTimeout(limit));
      else this.#armIdle();
    });
  }

  #cores(): number {
    return Math.min(this.#job.limits.cpu?.value ?? Number.POSITIVE_INFINITY, PROCESSORS);
  }

  /** CPU time cannot run out before the rest of it, on every core at once, has passed: nothing is asked before that. */
  #armCpu(usedMs: number): void {
    const limit = this.#job.limits.cpuMs;
    if (limit === null) return;
    const { clock, engine } = this.#options;
    const dueAt = clock.monotonic() + Math.max((limit.value - usedMs) / this.#cores(), 50);
    this.#set("cpu", dueAt, () => {
      void engine.stats(this.#job.handle).then(
        (stats) => {
          if (!this.#cancel.has("cpu")) return;
          const used = stats?.cpuMs ?? 0;
          if (used >= limit.value) this.#strike(stopCause.cpuTimeout(limit, used));
          else this.#armCpu(used);
        },
        () => this.#armCpu(usedMs),
      );
    });
  }
}
