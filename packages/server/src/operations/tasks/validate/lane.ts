import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { BerthError } from "@berth/protocol";
import { FairQueue } from "../../../lib/turns/fair-queue.ts";
import type { Answer, Asked, Reply, Sent } from "./asked.ts";
import { ordinarily } from "../../../lib/turns/go-first.ts";

/** What a schema that somebody wrote may take of memory, whatever it is given. */
const MEMORY = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 192, stackSizeMb: 2 };

/** How much of a processor the thread may take, in ms, about: patterns and rules can take for ever. */
export interface Deadlines {
  schema: number;
  input: number;
}

interface Waiting {
  who: string;
  asked: Asked;
  done: PromiseWithResolvers<Answer>;
}

/** One that has been handed to a thread. */
interface UnderWay extends Waiting {
  worker: Worker;
  isOver: boolean;
}

/**
 * Answers one after the other, in a thread that is ended when it takes too long: nothing of a schema is compiled, and no
 * pattern of it is tried, where anything else runs. Callers have their turns one after the other.
 */
export class Lane implements AsyncDisposable {
  readonly #deadlines: Deadlines;
  readonly #onFailed: (asked: Asked) => void;
  readonly #elsewhere: (asked: Asked) => Lane | null;
  readonly #waiting = new FairQueue<Waiting>();
  #worker: Worker | null = null;
  #isReady = false;
  #underWay: UnderWay | null = null;
  #isClosed = false;

  /** `elsewhere` says which other lane is to answer what has its turn here; `onFailed` hears what took too much. */
  constructor({
    deadlines,
    onFailed = () => {},
    elsewhere = () => null,
  }: {
    deadlines: Deadlines;
    onFailed?: (asked: Asked) => void;
    elsewhere?: (asked: Asked) => Lane | null;
  }) {
    this.#deadlines = deadlines;
    this.#onFailed = onFailed;
    this.#elsewhere = elsewhere;
  }

  async ask(asked: Asked, who: string): Promise<Answer> {
    const done = Promise.withResolvers<Answer>();
    this.#push({ who, asked, done });
    return await done.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { done } of this.#waiting.clear()) done.reject(shuttingDown());
    await this.#endThread(shuttingDown());
  }

  #push(waiting: Waiting): void {
    if (this.#isClosed) return waiting.done.reject(shuttingDown());
    this.#waiting.push(waiting.who, waiting);
    this.#next();
  }

  #next(): void {
    if (this.#underWay !== null || this.#isClosed) return;
    const next = this.#nextOfOwn();
    if (next === undefined) return this.#worker?.unref();
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    const underWay = { ...next, worker, isOver: false };
    this.#underWay = underWay;
    send(worker, next.asked.kind === "schema" ? next.asked : { ...next.asked, schema: null });
    if (this.#isReady) this.#watch(underWay);
  }

  #nextOfOwn(): Waiting | undefined {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const other = this.#elsewhere(next.asked);
      if (other === null) return next;
      other.#push(next);
    }
    return undefined;
  }

  /** From when the thread runs: to start it takes longer than most checks. */
  #watch(underWay: UnderWay): void {
    const most = this.#deadlines[underWay.asked.kind];
    let timer: NodeJS.Timeout;
    const look = async (before: number | null): Promise<void> => {
      const used = await cpuOf(underWay.worker);
      if (underWay.isOver) return;
      if (before !== null && used - before >= most) return await this.#fail(tooSlow(underWay.asked));
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
    const worker = ordinarily(() => new Worker(threadFile, { name: "berth-inputs", resourceLimits: MEMORY }));
    worker.on("message", (reply: Reply) => this.#hear(worker, reply));
    let why: unknown = "it has ended";
    worker.on("error", (error) => {
      why = error;
    });
    worker.on("exit", () => {
      if (this.#worker === worker) void this.#fail(threadDied(why));
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
    if (reply === "which schema") {
      if (underWay?.asked.kind !== "input") return;
      return send(worker, { ...underWay.asked, schema: JSON.stringify(underWay.asked.schema) });
    }
    this.#underWay = null;
    if (reply !== "as given") underWay?.done.resolve(reply);
    else if (underWay?.asked.kind === "input") underWay.done.resolve({ text: underWay.asked.text });
    this.#next();
  }

  async #fail(error: Error): Promise<void> {
    if (this.#underWay !== null) this.#onFailed(this.#underWay.asked);
    await this.#endThread(error);
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

function send(worker: Worker, words: Sent): void {
  worker.postMessage(words);
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
