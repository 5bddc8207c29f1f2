import { BerthError } from "@berth/protocol";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { onLoop } from "../../lib/on-loop.ts";
import type { Step, Written } from "../queries/database.ts";
import { translateFailure } from "./translate-error.ts";
import type { WriteOutcome, WriteStep } from "./write-batch.ts";
import type { WriterData, WriterReply, WriterRequest } from "./writer-thread.ts";

/** Most writes in one transaction, and most bytes of it, but for a single write that is larger. */
const BATCH_WRITES = 256;
const BATCH_BYTES = 4 * 2 ** 20;
/** More than this in wait means that the disk does not keep up; callers should hear of it. */
const MOST_WAITING = 20_000;
const BUSY_TIMEOUT_MS = 5000;
/** The thread's own heap. Batches are bounded, and SQLite's memory is not part of it. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 128, stackSizeMb: 1 };

interface Waiting {
  steps: WriteStep[];
  bytes: number;
  done: PromiseWithResolvers<Written>;
}

/**
 * Hands writes to the writer thread. What arrives while a commit runs goes into the next one together:
 * the more callers, the more writes share one sync of the disk, and a lone caller waits for nobody.
 */
export class Writer implements AsyncDisposable {
  readonly #data: WriterData;
  readonly #what: string;
  /** null until the next write when the thread has died. */
  #worker: Promise<Worker> | null = null;
  #waiting: Waiting[] = [];
  #underWay: Waiting[] = [];
  #idle: PromiseWithResolvers<void> | null = null;
  #scheduled = false;
  #closing = false;

  readonly #threadFile: () => URL;

  private constructor(path: string, threadFile: () => URL) {
    this.#threadFile = threadFile;
    this.#data = { path, busyTimeoutMs: BUSY_TIMEOUT_MS };
    this.#what = `Cannot write to database "${path}"`;
  }

  /** `threadFile` says what each thread runs; tests pass one that dies. */
  static async open(path: string, threadFile: () => URL = writerThreadFile): Promise<Writer> {
    const writer = new Writer(path, threadFile);
    await writer.#ready();
    return writer;
  }

  write(steps: readonly Step[]): Promise<Written> {
    if (this.#closing) return Promise.reject(new BerthError("SHUTTING_DOWN", `${this.#what}: it is closed`));
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(
        new BerthError("STORAGE_FAILED", `${this.#what}: ${MOST_WAITING} writes are waiting`),
      );
    }
    const done = Promise.withResolvers<Written>();
    this.#waiting.push({ steps: steps.map(toWriteStep), bytes: bytesOf(steps), done });
    this.#schedule();
    return done.promise;
  }

  /** Takes no more writes and waits for all that were asked for. */
  async drain(): Promise<void> {
    this.#closing = true;
    if (this.#waiting.length + this.#underWay.length === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  /** Drains, then closes the database and ends the thread. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    const worker = await this.#worker?.catch(() => null);
    if (worker === null || worker === undefined) return;
    const exited = new Promise((resolve) => worker.once("exit", resolve));
    post(worker, { kind: "close" });
    await exited;
  }

  #ready(): Promise<Worker> {
    this.#worker ??= this.#start();
    return this.#worker;
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(this.#threadFile(), {
      name: "berth-writer",
      workerData: this.#data,
      resourceLimits: LIMITS,
    });
    const opened = Promise.withResolvers<Worker>();
    let crash: unknown = null;
    worker.on("message", (reply: WriterReply) => {
      if (reply.kind === "open") opened.resolve(worker);
      else if (reply.kind === "failed") {
        const failure = translateFailure(reply.failure, this.#what);
        opened.reject(failure);
        this.#fail(failure);
      } else if (reply.kind === "written") this.#settle(reply.outcomes);
    });
    worker.on("error", (error) => {
      crash = error;
    });
    worker.on("exit", () => {
      this.#worker = null;
      const gone = new BerthError("STORAGE_FAILED", `${this.#what}: the writer thread has ended`, {
        cause: crash,
      });
      opened.reject(gone);
      // What was under way may or may not be on disk; whoever writes next starts another thread.
      this.#fail(gone);
    });
    return await opened.promise;
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
    this.#underWay = this.#waiting.splice(0, batchLength(this.#waiting));
    try {
      post(await this.#ready(), { kind: "write", writes: this.#underWay.map(({ steps }) => steps) });
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #settle(outcomes: readonly WriteOutcome[]): void {
    const batch = this.#underWay;
    this.#underWay = [];
    // The next batch leaves before anybody hears of this one: the disk works while answers go out.
    void this.#send();
    for (const [index, { done }] of batch.entries()) this.#answer(done, outcomes[index]);
    this.#noteIdle();
  }

  #answer(done: PromiseWithResolvers<Written>, outcome: WriteOutcome | undefined): void {
    switch (outcome?.kind) {
      case "done":
        return done.resolve({ done: true, rows: outcome.rows });
      case "undone":
        return done.resolve({ done: false, failedStep: outcome.failedStep });
      case "failed":
        return done.reject(translateFailure(outcome.failure, this.#what));
      case undefined:
        return done.reject(new Error(`${this.#what}: the writer thread gave no answer`));
      default:
        return outcome satisfies never;
    }
  }

  #fail(error: Error): void {
    const batch = this.#underWay;
    this.#underWay = [];
    for (const { done } of batch) done.reject(error);
    this.#schedule();
    this.#noteIdle();
  }

  #noteIdle(): void {
    if (this.#waiting.length + this.#underWay.length === 0) this.#idle?.resolve();
  }
}

/** Beside this file, as source or as built. */
function writerThreadFile(): URL {
  return new URL(`./writer-thread${extname(import.meta.url)}`, import.meta.url);
}

function post(worker: Worker, request: WriterRequest): void {
  onLoop("store: hand over what is written", () => worker.postMessage(request));
}

function toWriteStep({ query, exactly, returns = false }: Step): WriteStep {
  return { sql: query.sql, parameters: query.parameters, exactly: exactly ?? null, returns };
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
