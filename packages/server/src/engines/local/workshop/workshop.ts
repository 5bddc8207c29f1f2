import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { FairQueue } from "../../../lib/turns/fair-queue.ts";
import { EngineError } from "../../engine.ts";
import type { Task, TaskFailure, TaskReply, TaskRequest, TaskResults } from "./task.ts";
import { ordinarily } from "../../../lib/turns/go-first.ts";

/** The thread's own heap: the longest list of names that a job can leave fits with room to spare. */
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512, stackSizeMb: 1 };

/** After this the thread is asked whether it is there: alone, every task ends by itself long before. */
const PATIENCE_MS = 120_000;
/** A thread that does not answer in this time is given up: no task keeps it for more than a few milliseconds. */
const ANSWER_MS = 10_000;
/** A task that has not ended when the thread was there so often waits for a disk that does not answer. */
const MOST_LOOKS = 10;

export interface WorkshopOptions {
  patienceMs?: number;
  answerMs?: number;
  mostLooks?: number;
}

/** Tasks that the thread has at once, and of them of one: who comes with a first one is begun at once beside those. */
const MOST_UNDER_WAY = 4;
const MOST_OF_ONE = 2;

interface Waiting {
  task: Task;
  who: string;
  done: PromiseWithResolvers<TaskResults[Task["kind"]]>;
}

interface Asked {
  who: string;
  done: PromiseWithResolvers<TaskResults[Task["kind"]]>;
  timer: NodeJS.Timeout;
  looks: number;
}

/**
 * Does work whose size a user chose in a thread of its own, so that the event loop never stands still for it. The thread
 * is started with the first such work; most servers never need it, and common jobs never wait for it. Those who ask for much
 * wait behind those who ask for little.
 */
export class Workshop implements AsyncDisposable {
  #worker: Worker | null = null;
  #number = 0;
  readonly #waiting = new FairQueue<Waiting>();
  readonly #asked = new Map<number, Asked>();
  #closed = false;
  readonly #patienceMs: number;
  readonly #answerMs: number;
  readonly #mostLooks: number;
  /** Set while the thread is asked whether it is there. */
  #answered: (() => void) | null = null;

  constructor({
    patienceMs = PATIENCE_MS,
    answerMs = ANSWER_MS,
    mostLooks = MOST_LOOKS,
  }: WorkshopOptions = {}) {
    this.#mostLooks = mostLooks;
    this.#patienceMs = patienceMs;
    this.#answerMs = answerMs;
  }

  /**
   * `who` it is for: whose turn it takes. Rejects with the task's own error, with an EngineError when the thread has died
   * or does not come back, and with the signal's reason where the task has not been begun: once it is, it goes on to its
   * end, as nobody may take the folder away meanwhile.
   */
  do<Kind extends Task["kind"]>(
    task: Extract<Task, { kind: Kind }>,
    options?: { who?: string | undefined; signal?: AbortSignal },
  ): Promise<TaskResults[Kind]>;
  async do(
    task: Task,
    { who = "", signal }: { who?: string | undefined; signal?: AbortSignal } = {},
  ): Promise<TaskResults[Task["kind"]]> {
    if (this.#closed) throw unavailable("the engine is closed");
    signal?.throwIfAborted();
    const done = Promise.withResolvers<TaskResults[Task["kind"]]>();
    const waiting = { task, who, done };
    const giveUp = (): void => {
      if (this.#waiting.remove(who, waiting)) done.reject(signal?.reason);
    };
    this.#waiting.push(who, waiting);
    signal?.addEventListener("abort", giveUp);
    this.#handOver();
    try {
      return await done.promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  #handOver(): void {
    while (this.#asked.size < MOST_UNDER_WAY) {
      const next = this.#waiting.shift((who) => this.#underWay(who) < MOST_OF_ONE);
      if (next === undefined) return;
      const worker = (this.#worker ??= this.#start());
      this.#number += 1;
      const number = this.#number;
      const { task, who, done } = next;
      this.#asked.set(number, { who, done, timer: this.#lookLater(worker, number), looks: 0 });
      worker.ref();
      worker.postMessage({ number, task } satisfies TaskRequest);
    }
  }

  #underWay(who: string): number {
    let count = 0;
    for (const asked of this.#asked.values()) if (asked.who === who) count += 1;
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#end("the engine is closed");
    await worker?.terminate();
  }

  #start(): Worker {
    const file = new URL(`./workshop-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = ordinarily(() => new Worker(file, { name: "berth-workshop", resourceLimits: LIMITS }));
    let why = "its thread has ended";
    worker.on("message", (reply: TaskReply) => this.#hear(worker, reply));
    worker.on("error", (error: unknown) => {
      why = `its thread died: ${String(error)}`;
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#end(why);
    });
    return worker;
  }

  #hear(worker: Worker, reply: TaskReply): void {
    if (reply === "pong") return this.#answered?.();
    const asked = this.#asked.get(reply.number);
    if (!asked) return;
    this.#asked.delete(reply.number);
    clearTimeout(asked.timer);
    this.#handOver();
    // A thread with nothing to do keeps no process alive.
    if (this.#asked.size === 0) worker.unref();
    if (reply.kind === "done") asked.done.resolve(reply.result);
    else asked.done.reject(errorOf(reply.failure));
  }

  #lookLater(worker: Worker, number: number): NodeJS.Timeout {
    return setTimeout(() => void this.#look(worker, number), this.#patienceMs);
  }

  /** The tasks of others may be what a task waits for: it is only given up with a thread that is not there any more. */
  async #look(worker: Worker, number: number): Promise<void> {
    const isThere = await this.#answers(worker);
    const asked = this.#asked.get(number);
    if (this.#worker !== worker || !asked) return;
    if (!isThere) {
      this.#end("its thread does not come back");
      await worker.terminate();
      return;
    }
    asked.looks += 1;
    if (asked.looks < this.#mostLooks) {
      asked.timer = this.#lookLater(worker, number);
      return;
    }
    this.#asked.delete(number);
    asked.done.reject(unavailable("the disk does not answer"));
    this.#handOver();
  }

  async #answers(worker: Worker): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const before = this.#answered;
    this.#answered = () => {
      before?.();
      resolve(true);
    };
    const timer = setTimeout(() => resolve(false), this.#answerMs).unref();
    worker.postMessage("ping" satisfies TaskRequest);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#answered = null;
    }
  }

  /** The next task gets a new thread. */
  #end(why: string): void {
    this.#worker = null;
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { done, timer } of asked) {
      clearTimeout(timer);
      done.reject(unavailable(why));
    }
    if (!this.#closed) return this.#handOver();
    for (const { done } of this.#waiting.clear()) done.reject(unavailable(why));
  }
}

function unavailable(why: string): EngineError {
  return new EngineError(`Cannot work on a job's files: ${why}`, { blame: "engine", retryable: true });
}

function errorOf({ message, code, engine }: TaskFailure): Error {
  if (engine) return new EngineError(message, engine);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
