import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { BerthError } from "@berth/protocol";
import { requestInvalid } from "../../../core/input/check.ts";
import { keyOf } from "../../../core/caller/principal.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import { FairQueue } from "../../../lib/turns/fair-queue.ts";
import type { Answer, Asked, Reply } from "./asked.ts";

/** What a schema that somebody wrote may take of memory, whatever it is given. */
const MEMORY = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 192, stackSizeMb: 2 };

/** How much of a processor the thread may take, in ms, about: patterns and rules can take for ever. */
const DEADLINES = { schema: 3_000, input: 200 };

interface Waiting {
  asked: Asked;
  done: PromiseWithResolvers<Answer>;
}

/** One that has been handed to a thread. */
interface UnderWay extends Waiting {
  worker: Worker;
  isOver: boolean;
}

/**
 * Checks inputs against the schemas of tasks, in a thread that is ended when it takes too long: nothing of a schema is
 * compiled, and no pattern of it is tried, where anything else runs. Callers have their turns one after the other.
 */
export class InputValidator implements AsyncDisposable {
  readonly #deadlines: typeof DEADLINES;
  readonly #waiting = new FairQueue<Waiting>();
  #worker: Worker | null = null;
  #isReady = false;
  #underWay: UnderWay | null = null;
  #isClosed = false;

  constructor({ deadlines = DEADLINES }: { deadlines?: typeof DEADLINES } = {}) {
    this.#deadlines = deadlines;
  }

  /** Throws REQUEST_INVALID for what is no schema, SCHEMA_SLOW for what takes too long to be read. */
  async demandSchema(schema: object, caller: Caller): Promise<void> {
    const answer = await this.#ask({ kind: "schema", schema: JSON.stringify(schema) }, caller);
    if ("problems" in answer) throw requestInvalid(answer.problems);
  }

  /** The text that the job is given, or all that is wrong with it. Throws SCHEMA_SLOW. */
  async check({
    name,
    version,
    schema,
    text,
    caller,
  }: {
    name: string;
    version: number;
    schema: object;
    text: string;
    caller: Caller;
  }): Promise<Answer> {
    const asked = { kind: "input", key: `${name}@${version}`, schema: JSON.stringify(schema), text } as const;
    return await this.#ask(asked, caller);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { done } of this.#waiting.clear()) done.reject(shuttingDown());
    await this.#endThread(shuttingDown());
  }

  async #ask(asked: Asked, { principal }: Caller): Promise<Answer> {
    if (this.#isClosed) throw shuttingDown();
    const done = Promise.withResolvers<Answer>();
    this.#waiting.push(keyOf(principal), { asked, done });
    this.#next();
    return await done.promise;
  }

  #next(): void {
    if (this.#underWay !== null || this.#isClosed) return;
    const next = this.#waiting.shift();
    if (next === undefined) return this.#worker?.unref();
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    const underWay = { ...next, worker, isOver: false };
    this.#underWay = underWay;
    worker.postMessage(next.asked);
    if (this.#isReady) this.#watch(underWay);
  }

  /** From when the thread runs: to start it takes longer than most checks. */
  #watch(underWay: UnderWay): void {
    const most = this.#deadlines[underWay.asked.kind];
    let timer: NodeJS.Timeout;
    const look = async (before: number | null): Promise<void> => {
      const used = await cpuOf(underWay.worker);
      if (underWay.isOver) return;
      if (before !== null && used - before >= most) return await this.#endThread(tooSlow(underWay.asked));
      // What another one on this host takes is not held against it.
      timer = setTimeout(() => void look(before ?? used), most);
    };
    timer = setTimeout(() => void look(null), most);
    const stop = (): void => {
      underWay.isOver = true;
      clearTimeout(timer);
    };
    underWay.done.promise.then(stop, stop);
  }

  #start(): Worker {
    const threadFile = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(threadFile, { name: "berth-inputs", resourceLimits: MEMORY });
    worker.on("message", (reply: Reply) => this.#hear(worker, reply));
    let why: unknown = "it has ended";
    worker.on("error", (error) => {
      why = error;
    });
    worker.on("exit", () => {
      if (this.#worker === worker) void this.#endThread(threadDied(why));
    });
    return worker;
  }

  #hear(worker: Worker, reply: Reply): void {
    if (this.#worker !== worker) return;
    const underWay = this.#underWay;
    if (reply === "ready") {
      this.#isReady = true;
      if (underWay !== null) this.#watch(underWay);
      return;
    }
    this.#underWay = null;
    underWay?.done.resolve(reply);
    this.#next();
  }

  /** Whatever it was at is over with this; who waits behind it has another one. */
  async #endThread(error: Error): Promise<void> {
    const worker = this.#worker;
    const underWay = this.#underWay;
    this.#worker = null;
    this.#underWay = null;
    this.#isReady = false;
    underWay?.done.reject(error);
    this.#next();
    await worker?.terminate();
  }
}

function tooSlow({ kind }: Asked): BerthError {
  const what = kind === "schema" ? "Cannot take the schema: to read it" : "Cannot check the input: to do so";
  return new BerthError("SCHEMA_SLOW", `${what} takes too long`);
}

/** What a thread has had of a processor, in ms; also while it does nothing but one long step. */
async function cpuOf(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage().catch(() => ({ user: 0, system: 0 }));
  return (user + system) / 1000;
}

/** What the thread dies of is memory. */
function threadDied(why: unknown): BerthError {
  return new BerthError("SCHEMA_SLOW", "Cannot check the input: to do so takes too much memory", {
    cause: why,
  });
}

function shuttingDown(): BerthError {
  return new BerthError("SHUTTING_DOWN", "Cannot check inputs: the server is shutting down");
}
