import { statSync } from "node:fs";
import { BerthError } from "@berth/protocol";
import { appendRecord, type IndexTail, loadTail, makeIndex, moveEnd } from "./index-file.ts";
import type { JobFolder } from "./job-folder.ts";
import { type Ends, nothing, type OutputRecord, otherStream, type Stream } from "./output-record.ts";

/** `idle`: nobody follows yet, or any more, and the end is not known. */
export type ProgressState = "idle" | "following" | "ended" | "detached";

/** Kept in memory while somebody holds it. */
export interface HeldProgress extends Disposable {
  readonly progress: JobProgress;
}

/** How far a job's output is recorded: what its follower writes and its readers wait for. */
export class JobProgress {
  readonly folder: JobFolder;
  /** Notices growth at once, when a follower is there. */
  refresh: () => void = () => undefined;
  /** Readers and the follower that hold this object. */
  holders = 0;
  #state: ProgressState;
  #tail: IndexTail;
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

  /** Gets ready to record. */
  prepare(): void {
    makeIndex(this.folder.index);
  }

  /** Records growth up to `end` as a new record. On disk before anybody can see it. */
  append(growth: { at: number; first: Stream; end: Ends }): void {
    const record: OutputRecord = { ...growth, start: this.end };
    appendRecord(this.folder.index, this.#tail.count, record);
    this.#tail = { count: this.#tail.count + 1, last: record };
    this.#wake();
  }

  /** Whether more of this stream may be added to the last record: it comes last there. */
  canExtend(stream: Stream): boolean {
    const last = this.#tail.last;
    if (last === null) return false;
    const after = otherStream(stream);
    return last.first !== stream || last.end[after] === last.start[after];
  }

  /** Adds growth of one stream to the last record. Only where `canExtend` says so. */
  extend(stream: Stream, end: number): void {
    const { count, last } = this.#tail;
    if (last === null) return;
    moveEnd(this.folder.index, count - 1, { stream, end });
    this.#tail = { count, last: { ...last, end: { ...last.end, [stream]: end } } };
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
