import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { type Lookup, MOST_ADDRESSES, readLookups, writeLookup } from "./lookups.ts";

/** More than this no job's file has: what asks for ever new names is known by then. */
export const MOST_LOOKUPS = 1000;

/**
 * Whether anything was noted of what a job asked, in memory that the thread that answers shares with the loop: noted before
 * the job is answered, so that whoever sees the job end knows of all that it was told, and asks nobody.
 */
export class HasAsked {
  readonly memory: SharedArrayBuffer;
  readonly #cell: Int32Array;

  constructor(memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#cell = new Int32Array(memory);
  }

  note(): void {
    Atomics.store(this.#cell, 0, 1);
  }

  get isNoted(): boolean {
    return Atomics.load(this.#cell, 0) !== 0;
  }
}

/** Writes what one job asks for, each thing once, into a file that outlives the server. */
export class LookupJournal {
  readonly path: string;
  readonly #onProblem: (error: unknown) => void;
  readonly #asked: HasAsked;
  readonly #seen = new Set<string>();
  #pending: string[] = [];
  #writing: Promise<void> | null = null;
  #isClosed = false;

  /** Goes on with what an earlier server wrote. */
  constructor(path: string, { asked, onProblem }: { asked: HasAsked; onProblem: (error: unknown) => void }) {
    this.path = path;
    this.#onProblem = onProblem;
    this.#asked = asked;
    for (const one of readLookups(textOf(path, onProblem))) this.#seen.add(keyOf(one));
  }

  /** Does not wait for the disk: a disk that is slow holds up no answer. */
  note(asked: Lookup): void {
    const one = { ...asked, addresses: asked.addresses.slice(0, MOST_ADDRESSES) };
    const key = keyOf(one);
    if (this.#isClosed || this.#seen.size >= MOST_LOOKUPS || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#asked.note();
    this.#pending.push(writeLookup(one));
    this.#writing ??= this.#write();
  }

  /** Resolves when what was noted is in the file. */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** Nothing is written any more once this resolves: the file's folder may go. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const lines = this.#pending.splice(0).join("");
      // The job's folder may be gone by now, and with it whoever wants to know.
      await appendFile(this.path, lines, { mode: 0o600 }).catch(this.#onProblem);
    }
    this.#writing = null;
  }
}

function textOf(path: string, onProblem: (error: unknown) => void): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") onProblem(error);
    return "";
  }
}

/** Short, however much was asked. The time is not looked at: the first of several like ones is kept. */
function keyOf({ name, type, outcome, addresses }: Lookup): string {
  const whole = [name, type, outcome, ...addresses].join(" ");
  return createHash("sha256").update(whole).digest("base64");
}
