import { BerthError, type JobSpec } from "@berth/protocol";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { FairQueue } from "../../../lib/turns/fair-queue.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import type { BodyReply, BodyRequest } from "./body-thread.ts";

/** From here on a body is read elsewhere; so is a shorter one with many parts, each of which has to be looked at. */
const LARGE_BYTES = 256 * 1024;
const MANY_PARTS = 2000;

const LIMITS = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 512, stackSizeMb: 1 };

/** The body of a submit that was checked already. */
export class CheckedSpec {
  readonly spec: JobSpec;

  constructor(spec: JobSpec) {
    this.spec = spec;
  }
}

/** Whether to parse and to check a body would hold up everybody else. */
export function isLarge(bytes: Uint8Array): boolean {
  if (bytes.length > LARGE_BYTES) return true;
  let parts = 0;
  for (let at = bytes.indexOf(COMMA); at >= 0; at = bytes.indexOf(COMMA, at + 1)) {
    parts += 1;
    if (parts > MANY_PARTS) return true;
  }
  return false;
}

const COMMA = 0x2c;

/** Bodies that the thread has: it never waits for the next one, and who comes now waits for no more than these. */
const MOST_UNDER_WAY = 2;

interface Waiting {
  bytes: Uint8Array;
  done: PromiseWithResolvers<CheckedSpec>;
}

/**
 * Reads large bodies of submits in a thread, which is started with the first of them. Those who send many wait behind
 * those who send few.
 */
export class BodyReader implements AsyncDisposable {
  #worker: Worker | null = null;
  #number = 0;
  readonly #waiting = new FairQueue<Waiting>();
  readonly #asked = new Map<number, PromiseWithResolvers<CheckedSpec>>();
  #closed = false;

  /** Rejects with REQUEST_INVALID as a body that is read at once does. The bytes are given away. */
  async read(bytes: Uint8Array, who: string): Promise<CheckedSpec> {
    if (this.#closed)
      throw new BerthError("SHUTTING_DOWN", "Cannot take requests: the server is shutting down");
    const done = Promise.withResolvers<CheckedSpec>();
    this.#waiting.push(who, { bytes, done });
    this.#handOver();
    return await done.promise;
  }

  #handOver(): void {
    while (this.#asked.size < MOST_UNDER_WAY) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const worker = (this.#worker ??= this.#start());
      this.#number += 1;
      const number = this.#number;
      this.#asked.set(number, next.done);
      worker.ref();
      const { bytes } = next;
      const { buffer } = bytes;
      // Moved, not copied, where it is all of its memory.
      const moved = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength ? [buffer] : [];
      onLoop("submit: hand over a large body", () =>
        worker.postMessage({ number, bytes } satisfies BodyRequest, moved),
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#fail(new BerthError("SHUTTING_DOWN", "Cannot read the request: the server is shutting down"));
    await worker?.terminate();
  }

  #start(): Worker {
    const file = new URL(`./body-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { name: "berth-body-reader", resourceLimits: LIMITS });
    let why = "it has ended";
    worker.on("message", (reply: BodyReply) => this.#hear(worker, reply));
    worker.on("error", (error: unknown) => {
      why = String(error);
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#fail(new Error(`Cannot read a large body: its thread died: ${why}`));
    });
    return worker;
  }

  #hear(worker: Worker, reply: BodyReply): void {
    const asked = this.#asked.get(reply.number);
    this.#asked.delete(reply.number);
    this.#handOver();
    if (this.#asked.size === 0) worker.unref();
    if (reply.kind === "read") asked?.resolve(new CheckedSpec(reply.spec));
    else if (reply.kind === "failed") asked?.reject(new Error(reply.message));
    else asked?.reject(new BerthError("REQUEST_INVALID", reply.message, { problems: reply.problems }));
  }

  #fail(error: Error): void {
    this.#worker = null;
    const asked = [...this.#asked.values(), ...this.#waiting.clear().map(({ done }) => done)];
    this.#asked.clear();
    for (const { reject } of asked) reject(error);
  }
}
