import { statSync } from "node:fs";
import { BerthError } from "@berth/protocol";
import { type Ends, nothing, type OutputRecord, type Stream } from "../../core/output/output-record.ts";
import { appendRecord, loadTail, type LoadedTail } from "./index-file.ts";
import type { JobFolder } from "./job-folder.ts";

/** `idle`: nobody follows yet, or any more, and the end is not known. */
export type ProgressState = "idle" | "following" | "ended" | "detached";

/** Kept in memory while somebody holds it. */
export interface HeldProgress extends Disposable {
  readonly progress: JobProgress;
}

/** How far a job's output is recorded: what the engine writes into the index, and readers wait for. */
export class JobProgress {
  readonly folder: JobFolder;
  /** Notices growth at once, when a follower is there. */
  refresh: () => void = () => undefined;
  /** Has growth noticed from now on, when a follower is there. */
  awaited: () => void = () => undefined;
  /** Readers and the follower that hold this object. */
  holders = 0;
  #state: ProgressState;
  #tail: LoadedTail;
  readonly #waiting = new Set<() => void>();

  /** Reads what is on disk: a few microseconds. */
  constructor(folder: JobFolder) {
    this.folder = folder;
    this.#tail = loadTail(folder.index);
    this.#state = isSealed(folder) ? "ended" : "idle";
  }

  get state(): ProgressState {
    return this.#state;
  }

  get count(): number {
    return this.#tail.count;
  }

  get last(): OutputRecord | null {
    return this.#tail.last;
  }

  get end(): Ends {
    return this.#tail.last?.end ?? nothing;
  }

  /** Whether somebody waits for a change. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** When the engine recorded output last, by the clock on the wall at that moment; 0 when it never did. */
  get changedAt(): number {
    return this.#tail.last === null ? 0 : this.#tail.changedAt;
  }

  /** Reads what the engine has recorded since. True when there was something new. */
  reload(): boolean {
    const before = this.end;
    const tail = loadTail(this.folder.index);
    if (tail.count < this.#tail.count) return false;
    this.#tail = tail;
    const { stdout, stderr } = this.end;
    const hasGrown = stdout !== before.stdout || stderr !== before.stderr;
    if (hasGrown) this.#wake();
    return hasGrown;
  }

  /** Records what the engine could not: nobody else writes any more. On disk before anybody can see it. */
  append(growth: { at: number; first: Stream; end: Ends }): void {
    const record: OutputRecord = { ...growth, start: this.end };
    appendRecord(this.folder.index, this.#tail.count, record);
    this.#tail = { count: this.#tail.count + 1, last: record, changedAt: growth.at };
    this.#wake();
  }

  become(state: ProgressState): void {
    this.#state = state;
    this.#wake();
  }

  /** Resolves at the next change. Rejects with the signal's reason, or SHUTTING_DOWN when nobody notices growth any more. */
  async changed(signal: AbortSignal): Promise<void> {
    if (this.#state !== "detached") await this.#nextWake(signal);
    if (this.#state === "detached") {
      throw new BerthError("SHUTTING_DOWN", "Cannot follow the output any longer: the server is going down");
    }
  }

  async #nextWake(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.add(resolve);
    this.awaited();
    try {
      await promise;
    } finally {
      this.#waiting.delete(resolve);
      signal.removeEventListener("abort", onAbort);
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** The end of a job is marked on its stdout file: nobody may write to it any more. Costs no file of its own. */
export const sealedMode = 0o400;

function isSealed(folder: JobFolder): boolean {
  const stat = statSync(folder.stdout, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & 0o200) === 0;
}
