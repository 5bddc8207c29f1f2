import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { HashReply, HashRequest } from "./hash-thread.ts";
import { ordinarily } from "../../lib/turns/go-first.ts";

/** The hash of a file that grows. */
export interface GrowingHash extends Disposable {
  /** The file has so many bytes now. */
  grown(bytes: number): void;
  /** Of all of them. */
  end(): Promise<string>;
}

/**
 * Hashes files in a thread of its own, while they are written: on the event loop a MiB would take some milliseconds. It
 * reads what was just written, so that no bytes pass between the threads.
 */
export class Hasher implements AsyncDisposable {
  #worker: Worker | null = null;
  #number = 0;
  readonly #asked = new Map<number, PromiseWithResolvers<string>>();

  open(path: string): GrowingHash {
    const number = (this.#number += 1);
    const worker = (this.#worker ??= this.#start());
    const done = Promise.withResolvers<string>();
    // Whoever does not come to `end` does not want to hear of it.
    done.promise.catch(() => undefined);
    this.#asked.set(number, done);
    worker.ref();
    const tell = (request: HashRequest): void => worker.postMessage(request);
    tell({ kind: "open", number, path });
    return {
      grown: (bytes) => tell({ kind: "grown", number, bytes }),
      end: () => {
        tell({ kind: "end", number });
        return done.promise;
      },
      [Symbol.dispose]: () => {
        tell({ kind: "close", number });
        this.#settle(number);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    const file = new URL(`./hash-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = ordinarily(() => new Worker(file, { name: "berth-hasher" }));
    let why = "it has ended";
    worker.unref();
    worker.on("message", ({ number, outcome }: HashReply) => {
      const asked = this.#asked.get(number);
      this.#settle(number);
      if ("sha256" in outcome) asked?.resolve(outcome.sha256);
      else asked?.reject(failureOf(outcome));
    });
    worker.on("error", (error: unknown) => {
      why = String(error);
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = null;
      const asked = [...this.#asked.values()];
      this.#asked.clear();
      for (const { reject } of asked) reject(new Error(`Cannot hash an upload: its thread died: ${why}`));
    });
    return worker;
  }

  #settle(number: number): void {
    this.#asked.delete(number);
    if (this.#asked.size === 0) this.#worker?.unref();
  }
}

/** With the system's own word, where it was the system that refused. */
function failureOf({ failure, code }: { failure: string; code: string | null }): Error {
  const error = new Error(`Cannot hash an upload: ${failure}`);
  return code === null ? error : Object.assign(error, { code });
}
