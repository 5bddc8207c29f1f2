import { BerthError } from "@berth/protocol";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { onLoop } from "../../lib/on-loop.ts";
import { type AuditTrail, unkeptTrail } from "../audit-trail.ts";
import type { Step, Written } from "../queries/database.ts";
import { WriteQueue } from "../queries/write-queue.ts";
import { translateFailure } from "./translate-error.ts";
import type { WriteOutcome, WriteStep } from "./write-batch.ts";
import type { WriterData, WriterReply, WriterRequest } from "./writer-thread.ts";
import { ordinarily } from "../../lib/turns/go-first.ts";

const BUSY_TIMEOUT_MS = 5000;
/** The thread's own heap. Batches are bounded, and SQLite's memory is not part of it. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 128, stackSizeMb: 1 };

export interface WriterOptions {
  /** What audit records are sealed with. Default: a key that nobody keeps. */
  trail?: AuditTrail;
  /** What each thread runs; tests pass one that dies. */
  threadFile?: () => URL;
}

/** Hands writes to the writer thread, a batch at a time. */
export class Writer implements AsyncDisposable {
  readonly #data: WriterData;
  readonly #what: string;
  /** null until the next write when the thread has died. */
  #worker: Promise<Worker> | null = null;
  readonly #queue: WriteQueue;
  #underWay: PromiseWithResolvers<readonly WriteOutcome[]> | null = null;

  readonly #trail: AuditTrail;
  readonly #threadFile: () => URL;

  private constructor(path: string, { trail = unkeptTrail(), threadFile = writerThreadFile }: WriterOptions) {
    this.#threadFile = threadFile;
    this.#trail = trail;
    this.#data = { path, busyTimeoutMs: BUSY_TIMEOUT_MS, seal: trail.seal };
    this.#what = `Cannot write to database "${path}"`;
    this.#queue = new WriteQueue({ what: this.#what, commit: (writes) => this.#commit(writes) });
  }

  static async open(path: string, options: WriterOptions = {}): Promise<Writer> {
    const writer = new Writer(path, options);
    await writer.#ready();
    return writer;
  }

  write(steps: readonly Step[]): Promise<Written> {
    return this.#queue.write(steps);
  }

  /** Takes no more writes and waits for all that were asked for. */
  drain(): Promise<void> {
    return this.#queue.drain();
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

  async #commit(writes: readonly (readonly Step[])[]): Promise<readonly (Written | Error)[]> {
    const worker = await this.#ready();
    const answered = Promise.withResolvers<readonly WriteOutcome[]>();
    this.#underWay = answered;
    post(worker, { kind: "write", writes: writes.map((steps) => steps.map(toWriteStep)) });
    return (await answered.promise).map((outcome) => this.#resultOf(outcome));
  }

  #resultOf(outcome: WriteOutcome): Written | Error {
    switch (outcome.kind) {
      case "done":
        return { done: true, rows: outcome.rows };
      case "undone":
        return { done: false, failedStep: outcome.failedStep };
      case "failed":
        return translateFailure(outcome.failure, this.#what);
      default:
        return outcome satisfies never;
    }
  }

  #ready(): Promise<Worker> {
    this.#worker ??= this.#start();
    return this.#worker;
  }

  async #start(): Promise<Worker> {
    const about = { name: "berth-writer", workerData: this.#data, resourceLimits: LIMITS };
    const worker = ordinarily(() => new Worker(this.#threadFile(), about));
    const opened = Promise.withResolvers<Worker>();
    let crash: unknown = null;
    worker.on("message", (reply: WriterReply) => {
      if (reply.kind === "open") opened.resolve(worker);
      else if (reply.kind === "failed") {
        const failure = translateFailure(reply.failure, this.#what);
        opened.reject(failure);
        this.#underWay?.reject(failure);
      } else if (reply.kind === "written") {
        this.#underWay?.resolve(reply.outcomes);
        if (reply.head !== null) this.#trail.sealed(reply.head);
      }
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
      this.#underWay?.reject(gone);
    });
    return await opened.promise;
  }
}

/** Beside this file, as source or as built. */
function writerThreadFile(): URL {
  return new URL(`./writer-thread${extname(import.meta.url)}`, import.meta.url);
}

function post(worker: Worker, request: WriterRequest): void {
  onLoop("store: hand over what is written", () => worker.postMessage(request));
}

function toWriteStep({ query, exactly, returns = false, audit = false }: Step): WriteStep {
  return { sql: query.sql, parameters: query.parameters, exactly: exactly ?? null, returns, audit };
}
