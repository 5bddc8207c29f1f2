import { BerthError } from "@berth/protocol";
import { Worker } from "node:worker_threads";
import { KeptSpec } from "../../../core/kept-spec.ts";
import { ReadSpec } from "../../../core/input/read-spec.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import { FairQueue } from "../../../lib/turns/fair-queue.ts";
import type { SpecReply, SpecRequest } from "./spec-reply.ts";

const LIMITS = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 512, stackSizeMb: 1 };

/** Requests that the thread has: it never waits for the next one, and who comes now waits for no more than these. */
const MOST_UNDER_WAY = 2;

/** A large request, read. */
export interface ReadRequest<More> {
  spec: ReadSpec;
  /** What else it says. */
  more: More;
}

interface Waiting<More> {
  pieces: readonly Uint8Array[];
  done: PromiseWithResolvers<ReadRequest<More>>;
}

/**
 * Reads large requests for jobs in a thread, which is started with the first of them. Those who send many wait behind
 * those who send few.
 */
export class SpecReader<More> implements AsyncDisposable {
  readonly #name: string;
  readonly #threadFile: URL;
  #worker: Worker | null = null;
  #number = 0;
  readonly #waiting = new FairQueue<Waiting<More>>();
  readonly #asked = new Map<number, Waiting<More>["done"]>();
  #closed = false;

  /** `threadFile` calls answerRequests. */
  constructor({ name, threadFile }: { name: string; threadFile: URL }) {
    this.#name = name;
    this.#threadFile = threadFile;
  }

  /** Rejects with REQUEST_INVALID as one that is read at once does. The pieces are given away. */
  async read(pieces: readonly Uint8Array[], who: string): Promise<ReadRequest<More>> {
    if (this.#closed)
      throw new BerthError("SHUTTING_DOWN", "Cannot take requests: the server is shutting down");
    const done = Promise.withResolvers<ReadRequest<More>>();
    this.#waiting.push(who, { pieces, done });
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
      const { pieces } = next;
      onLoop("submit: hand over a large request", () =>
        worker.postMessage({ number, pieces } satisfies SpecRequest, pieces.flatMap(movable)),
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
    const worker = new Worker(this.#threadFile, { name: this.#name, resourceLimits: LIMITS });
    let why = "it has ended";
    worker.on("message", (reply: SpecReply<More>) => this.#hear(worker, reply));
    worker.on("error", (error: unknown) => {
      why = String(error);
    });
    worker.on("exit", () => {
      if (this.#worker === worker)
        this.#fail(new Error(`Cannot read a large request: its thread died: ${why}`));
    });
    return worker;
  }

  #hear(worker: Worker, reply: SpecReply<More>): void {
    const asked = this.#asked.get(reply.number);
    this.#asked.delete(reply.number);
    this.#handOver();
    if (this.#asked.size === 0) worker.unref();
    if (reply.kind === "read") asked?.resolve(readRequest(reply));
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

function readRequest<More>({ spec, more }: SpecReply<More> & { kind: "read" }): ReadRequest<More> {
  const { json, view, ...rest } = spec;
  return { spec: new ReadSpec({ ...rest, kept: KeptSpec.stored(json, view) }), more };
}

/** Beside the piece itself its memory may hold a few bytes of a frame around it. */
const FRAME_BYTES = 16;

/** Moved, not copied, where its memory holds nothing else. */
function movable({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength - byteLength <= FRAME_BYTES ? [buffer] : [];
}
