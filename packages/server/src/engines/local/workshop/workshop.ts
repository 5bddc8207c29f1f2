import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { EngineError } from "../../engine.ts";
import type { Task, TaskFailure, TaskReply, TaskRequest, TaskResults } from "./task.ts";

/** The thread's own heap: the longest list of names that a job can leave fits with room to spare. */
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512, stackSizeMb: 1 };

/** After this the thread is given up: every task ends by itself long before, unless the disk does not answer. */
const PATIENCE_MS = 120_000;

interface Asked {
  done: PromiseWithResolvers<TaskResults[Task["kind"]]>;
  timer: NodeJS.Timeout;
}

/**
 * Does work whose size a user chose in a thread of its own, so that the event loop never stands still for it. The thread
 * is started with the first such work; most servers never need it, and common jobs never wait for it.
 */
export class Workshop implements AsyncDisposable {
  #worker: Worker | null = null;
  #number = 0;
  readonly #asked = new Map<number, Asked>();
  #closed = false;
  readonly #patienceMs: number;

  constructor({ patienceMs = PATIENCE_MS }: { patienceMs?: number } = {}) {
    this.#patienceMs = patienceMs;
  }

  /** Rejects with the task's own error, or with an EngineError when the thread has died or does not come back. */
  do<Kind extends Task["kind"]>(task: Extract<Task, { kind: Kind }>): Promise<TaskResults[Kind]>;
  async do(task: Task): Promise<TaskResults[Task["kind"]]> {
    if (this.#closed) throw unavailable("the engine is closed");
    const worker = (this.#worker ??= this.#start());
    this.#number += 1;
    const number = this.#number;
    const done = Promise.withResolvers<TaskResults[Task["kind"]]>();
    const timer = setTimeout(() => void this.#giveUp(worker), this.#patienceMs);
    this.#asked.set(number, { done, timer });
    worker.ref();
    worker.postMessage({ number, task } satisfies TaskRequest);
    return await done.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#end("the engine is closed");
    await worker?.terminate();
  }

  #start(): Worker {
    const file = new URL(`./workshop-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { name: "berth-workshop", resourceLimits: LIMITS });
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
    const asked = this.#asked.get(reply.number);
    if (!asked) return;
    this.#asked.delete(reply.number);
    clearTimeout(asked.timer);
    // A thread with nothing to do keeps no process alive.
    if (this.#asked.size === 0) worker.unref();
    if (reply.kind === "done") asked.done.resolve(reply.result);
    else asked.done.reject(errorOf(reply.failure));
  }

  async #giveUp(worker: Worker): Promise<void> {
    if (this.#worker !== worker) return;
    this.#end(`it has not come back in ${Math.round(this.#patienceMs / 1000)} s`);
    await worker.terminate();
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
  }
}

function unavailable(why: string): EngineError {
  return new EngineError(`Cannot work on a job's files: ${why}`, { blame: "engine", retryable: true });
}

function errorOf({ message, code, engine }: TaskFailure): Error {
  if (engine) return new EngineError(message, engine);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
