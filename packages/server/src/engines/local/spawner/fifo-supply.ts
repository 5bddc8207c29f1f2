import { join } from "node:path";
import type { Spawner } from "./spawner.ts";

const BATCH = 64;

/** FIFOs made ahead, many at a time by one process, as Node cannot make them. */
export class FifoSupply {
  readonly #folder: string;
  readonly #spawner: Spawner;
  #ready: string[] = [];
  #next = 0;
  #refill: Promise<boolean> | null = null;

  /** `folder` is empty and ours alone. */
  constructor(folder: string, spawner: Spawner) {
    this.#folder = folder;
    this.#spawner = spawner;
  }

  /** Two of them, to be moved away; null when the spawner cannot make any now. */
  async takePair(): Promise<[string, string] | null> {
    for (;;) {
      if (this.#ready.length < BATCH / 4) this.#refill ??= this.#makeMore();
      const [first, second] = this.#ready.splice(0, 2);
      if (first !== undefined && second !== undefined) return [first, second];
      if (!(await this.#refill)) return null;
    }
  }

  async #makeMore(): Promise<boolean> {
    const first = this.#next;
    this.#next += BATCH;
    const made = await this.#spawner.fifos(this.#folder, { first, last: this.#next - 1 });
    for (let n = first; made && n < this.#next; n += 1) this.#ready.push(join(this.#folder, String(n)));
    this.#refill = null;
    return made;
  }
}
