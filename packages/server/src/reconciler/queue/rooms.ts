import { retry } from "../../lib/retry.ts";
import type { AdmittedRun } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";

export interface RoomsOptions {
  context: ReconcilerContext;
  /** There is room for it in its task now, and it takes its place in the line for a slot. */
  admitted: (job: AdmittedRun) => void;
  /** Aborted when the server goes down. */
  signal: AbortSignal;
}

/** The room that tasks have for their runs: whenever one leaves, the store is asked who comes next. */
export class Rooms {
  readonly #options: RoomsOptions;
  /** Of each run that takes room in its task, or waits for it, the task. */
  readonly #inside = new Map<string, string>();
  /** Of each task those that wait. */
  readonly #held = new Map<string, Set<string>>();
  /** Tasks that are looked at; true where one has left meanwhile. */
  readonly #looking = new Map<string, boolean>();

  constructor(options: RoomsOptions) {
    this.#options = options;
  }

  get held(): number {
    let all = 0;
    for (const { size } of this.#held.values()) all += size;
    return all;
  }

  takes({ id, task = null }: { id: string; task?: string | null }): void {
    if (task !== null) this.#inside.set(id, task);
  }

  /** It waits; room may have been made since it was refused some. */
  holds({ id, task }: { id: string; task: string }): void {
    this.#inside.set(id, task);
    this.#held.set(task, (this.#held.get(task) ?? new Set()).add(id));
    this.#look(task);
  }

  leaves(jobId: string): void {
    const task = this.#inside.get(jobId);
    if (task === undefined) return;
    this.#inside.delete(jobId);
    this.#waitsNoMore(jobId, task);
    if (this.#held.has(task)) this.#look(task);
  }

  #waitsNoMore(jobId: string, task: string): void {
    const waiting = this.#held.get(task);
    waiting?.delete(jobId);
    if (waiting?.size === 0) this.#held.delete(task);
  }

  #look(task: string): void {
    if (this.#looking.has(task)) this.#looking.set(task, true);
    else void this.#admitAll(task);
  }

  async #admitAll(task: string): Promise<void> {
    const { context, signal } = this.#options;
    const { store, clock, report } = context;
    const admit = async (): Promise<AdmittedRun | null> => {
      try {
        return await store.jobs.admit(task);
      } catch (error) {
        if (!signal.aborted)
          report.fault(`Cannot see who is next of task "${task}", it is tried again`, error);
        throw error;
      }
    };
    do {
      this.#looking.set(task, false);
      // Rejects when the server goes down: the next one looks again.
      const next = await retry(admit, { signal, attempts: Number.POSITIVE_INFINITY, clock }).catch(
        () => null,
      );
      if (next === null) continue;
      this.#looking.set(task, true);
      this.#waitsNoMore(next.id, task);
      this.#options.admitted(next);
    } while (this.#looking.get(task) === true && !signal.aborted);
    this.#looking.delete(task);
  }
}
