import { BerthError } from "@berth/protocol";
import type { Step, Written } from "./database.ts";

/** Most writes in one transaction, and most bytes of it, but for a single write that is larger. */
const BATCH_WRITES = 256;
const BATCH_BYTES = 4 * 2 ** 20;
/** More than this in wait means that the database does not keep up; callers should hear of it. */
const MOST_WAITING = 20_000;

interface Waiting {
  steps: readonly Step[];
  bytes: number;
  done: PromiseWithResolvers<Written>;
}

export interface WriteQueueOptions {
  /** The beginning of the sentence: `Cannot write to database "/x/berth.db"`. */
  what: string;
  /**
   * Stores the writes in one transaction, each of them all or nothing, and says of each what became of it. Rejects when
   * the transaction as a whole failed.
   */
  commit: (writes: readonly (readonly Step[])[]) => Promise<readonly (Written | Error)[]>;
}

/**
 * What arrives while a commit runs goes into the next one together: the more callers, the more writes share one sync of
 * the disk, and a lone caller waits for nobody.
 */
export class WriteQueue {
  readonly #what: string;
  readonly #commit: WriteQueueOptions["commit"];
  #waiting: Waiting[] = [];
  #underWay: Waiting[] = [];
  #idle: PromiseWithResolvers<void> | null = null;
  #scheduled = false;
  #closing = false;

  constructor({ what, commit }: WriteQueueOptions) {
    this.#what = what;
    this.#commit = commit;
  }

  write(steps: readonly Step[]): Promise<Written> {
    if (this.#closing) return Promise.reject(new BerthError("SHUTTING_DOWN", `${this.#what}: it is closed`));
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(
        new BerthError("STORAGE_FAILED", `${this.#what}: ${MOST_WAITING} writes are waiting`),
      );
    }
    const done = Promise.withResolvers<Written>();
    this.#waiting.push({ steps, bytes: bytesOf(steps), done });
    this.#schedule();
    return done.promise;
  }

  /** Nothing of what waits has left: it can be refused while a batch is still under way. */
  refuseWaiting(error: Error): void {
    for (const { done } of this.#waiting.splice(0)) done.reject(error);
    this.#noteIdle();
  }

  /** Takes no more writes and waits for all that were asked for. */
  async drain(): Promise<void> {
    this.#closing = true;
    if (this.#waiting.length + this.#underWay.length === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  /** Writes of the same turn of the loop go together. */
  #schedule(): void {
    if (this.#scheduled || this.#underWay.length > 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    if (this.#underWay.length > 0 || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, batchLength(this.#waiting));
    this.#underWay = batch;
    try {
      const outcomes = await this.#commit(batch.map(({ steps }) => steps));
      this.#underWay = [];
      // The next batch leaves before anybody hears of this one: the disk works while answers go out.
      void this.#send();
      for (const [index, { done }] of batch.entries()) this.#answer(done, outcomes[index]);
    } catch (error) {
      this.#underWay = [];
      for (const { done } of batch) done.reject(error);
      this.#schedule();
    }
    this.#noteIdle();
  }

  #noteIdle(): void {
    if (this.#waiting.length + this.#underWay.length === 0) this.#idle?.resolve();
  }

  #answer(done: PromiseWithResolvers<Written>, outcome: Written | Error | undefined): void {
    if (outcome === undefined) done.reject(new Error(`${this.#what}: the database gave no answer`));
    else if (outcome instanceof Error) done.reject(outcome);
    else done.resolve(outcome);
  }
}

function bytesOf(steps: readonly Step[]): number {
  let bytes = 0;
  for (const { query } of steps) {
    for (const value of query.parameters) {
      if (typeof value === "string") bytes += value.length;
      else if (value instanceof Uint8Array) bytes += value.byteLength;
    }
  }
  return bytes;
}

function batchLength(waiting: readonly Waiting[]): number {
  let bytes = 0;
  for (const [index, write] of waiting.entries()) {
    bytes += write.bytes;
    if (index > 0 && (index >= BATCH_WRITES || bytes > BATCH_BYTES)) return index;
  }
  return waiting.length;
}
