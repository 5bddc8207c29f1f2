import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Door, FromDoors, Seen, ToDoors } from "./door.ts";
import { ordinarily } from "../../lib/turns/go-first.ts";

const LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 64, stackSizeMb: 1 };

interface Known {
  opened: PromiseWithResolvers<void>;
  closed: PromiseWithResolvers<void>;
  /** The first that it saw: what comes behind it comes of it. */
  seen: Seen | null;
}

/** Doors of stages, in a thread that is started with the first of them: what is fetched never passes the server's own. */
export class Doors implements AsyncDisposable {
  readonly #known = new Map<string, Known>();
  #worker: Worker | null = null;

  /** Rejects where it cannot be opened. One of that id that is open is closed before. */
  async open(door: Door): Promise<void> {
    await this.close(door.id);
    const known: Known = { opened: Promise.withResolvers(), closed: Promise.withResolvers(), seen: null };
    this.#known.set(door.id, known);
    this.#post({ kind: "open", door });
    await known.opened.promise;
  }

  /** What it saw of why nothing got through; null where it saw nothing, or is not open. */
  seen(id: string): Seen | null {
    return this.#known.get(id)?.seen ?? null;
  }

  async close(id: string): Promise<void> {
    const known = this.#known.get(id);
    if (known === undefined) return;
    this.#post({ kind: "close", id });
    await known.closed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#known.keys()].map((id) => this.close(id)));
    await this.#worker?.terminate();
  }

  #post(word: ToDoors): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(word);
  }

  #start(): Worker {
    const file = new URL(`./door-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = ordinarily(() => new Worker(file, { name: "doors of sources", resourceLimits: LIMITS }));
    let why = "it has ended";
    worker.unref();
    worker.on("message", (word: FromDoors) => this.#hear(word));
    worker.on("error", (error: unknown) => {
      why = String(error);
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#fail(`The thread of doors died: ${why}`);
    });
    return worker;
  }

  #hear(word: FromDoors): void {
    const known = this.#known.get(word.id);
    if (known === undefined) return;
    switch (word.kind) {
      case "opened":
        if (word.problem === null) return known.opened.resolve();
        known.closed.resolve();
        this.#known.delete(word.id);
        return known.opened.reject(new Error(`Cannot open a door: ${word.problem}`));
      case "seen":
        known.seen ??= word.seen;
        return;
      case "closed":
        this.#known.delete(word.id);
        return known.closed.resolve();
      default:
        return word satisfies never;
    }
  }

  #fail(why: string): void {
    this.#worker = null;
    for (const { opened, closed } of this.#known.values()) {
      opened.promise.catch(() => undefined);
      opened.reject(new Error(why));
      closed.resolve();
    }
    this.#known.clear();
  }
}
