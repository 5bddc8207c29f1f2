import { Worker } from "node:worker_threads";
import { onLoop } from "../on-loop.ts";
import { FairQueue } from "./fair-queue.ts";
import { ordinarily } from "./go-first.ts";

const LIMITS = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 512, stackSizeMb: 1 };

/** Requests that the thread has: who comes now waits for no more than these, and each takes some times its own size there. */
const MOST_UNDER_WAY = 1;

export interface WorkerRequest<Asked> {
  number: number;
  asked: Asked;
}

export type WorkerReply<Answer> =
  | { number: number; kind: "done"; answer: Answer }
  | { number: number; kind: "failed"; message: string };

export interface FairWorkerOptions {
  name: string;
  /** What the thread runs: it calls `answerRequests`. */
  threadFile: URL;
  /** What takes long with a request, for who wants to know why the loop stood still while one was handed over. */
  operation: string;
  /** Why nothing is taken any more. */
  closed: () => Error;
}

interface Waiting<Asked, Answer> {
  asked: Asked;
  moved: readonly ArrayBuffer[];
  done: PromiseWithResolvers<Answer>;
}

/**
 * Has requests answered in a thread, which is started with the first of them. Those who send many wait behind those who
 * send few.
 */
export class FairWorker<Asked, Answer> implements AsyncDisposable {
  readonly #options: FairWorkerOptions;
  #worker: Worker | null = null;
  #number = 0;
  readonly #waiting = new FairQueue<Waiting<Asked, Answer>>();
  readonly #underWay = new Map<number, PromiseWithResolvers<Answer>>();
  #isClosed = false;

  constructor(options: FairWorkerOptions) {
    this.#options = options;
  }

  /** `moved` is memory of it that is given away. */
  async ask(asked: Asked, { who, moved }: { who: string; moved: readonly ArrayBuffer[] }): Promise<Answer> {
    if (this.#isClosed) throw this.#options.closed();
    const done = Promise.withResolvers<Answer>();
    this.#waiting.push(who, { asked, moved, done });
    this.#handOver();
    return await done.promise;
  }

  #handOver(): void {
    while (this.#underWay.size < MOST_UNDER_WAY) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#number += 1;
      try {
        this.#post(next, this.#number);
      } catch (error) {
        // There may be no thread to be had, or it is nothing that can be moved: the others have their turn all the same.
        this.#underWay.delete(this.#number);
        if (this.#underWay.size === 0) this.#worker?.unref();
        next.done.reject(error);
      }
    }
  }

  #post({ asked, moved, done }: Waiting<Asked, Answer>, number: number): void {
    const worker = (this.#worker ??= this.#start());
    const request: WorkerRequest<Asked> = { number, asked };
    this.#underWay.set(number, done);
    worker.ref();
    onLoop(this.#options.operation, () => worker.postMessage(request, moved));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    const closed = this.#options.closed();
    for (const { done } of this.#waiting.clear()) done.reject(closed);
    this.#fail(closed);
    await worker?.terminate();
  }

  #start(): Worker {
    const { name, threadFile } = this.#options;
    const worker = ordinarily(() => new Worker(threadFile, { name, resourceLimits: LIMITS }));
    let why = "it has ended";
    worker.on("message", (reply: WorkerReply<Answer>) => this.#hear(worker, reply));
    worker.on("error", (error: unknown) => {
      why = String(error);
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#fail(new Error(`The thread "${name}" died: ${why}`));
    });
    return worker;
  }

  #hear(worker: Worker, reply: WorkerReply<Answer>): void {
    const done = this.#underWay.get(reply.number);
    this.#underWay.delete(reply.number);
    this.#handOver();
    if (this.#underWay.size === 0) worker.unref();
    if (reply.kind === "done") done?.resolve(reply.answer);
    else done?.reject(new Error(reply.message));
  }

  #fail(error: Error): void {
    this.#worker = null;
    for (const { reject } of this.#underWay.values()) reject(error);
    this.#underWay.clear();
    // A request that a thread dies of is gone with it: those behind it have another thread.
    this.#handOver();
  }
}
