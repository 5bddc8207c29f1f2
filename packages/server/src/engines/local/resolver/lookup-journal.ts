import { createHash } from "node:crypto";
import { appendFile, readFile } from "node:fs/promises";
import { type Lookup, MOST_ADDRESSES, readLookups, writeLookup } from "./lookups.ts";

/** More than this no job's file has: what asks for ever new names is known by then. */
export const MOST_LOOKUPS = 1000;

/** Writes what one job asks for, each thing once, into a file that outlives the server. */
export class LookupJournal {
  readonly #path: string;
  readonly #onProblem: (error: unknown) => void;
  readonly #seen = new Set<string>();
  #pending: string[] = [];
  #writing: Promise<void> | null = null;
  #isClosed = false;

  private constructor(path: string, onProblem: (error: unknown) => void) {
    this.#path = path;
    this.#onProblem = onProblem;
  }

  /** Goes on with what an earlier server wrote. */
  static async open(path: string, onProblem: (error: unknown) => void): Promise<LookupJournal> {
    const journal = new LookupJournal(path, onProblem);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") onProblem(error);
      return "";
    });
    for (const one of readLookups(text)) journal.#seen.add(keyOf(one));
    return journal;
  }

  /** Does not wait for the disk: a disk that is slow holds up no answer. */
  note(asked: Lookup): void {
    const one = { ...asked, addresses: asked.addresses.slice(0, MOST_ADDRESSES) };
    const key = keyOf(one);
    if (this.#isClosed || this.#seen.size >= MOST_LOOKUPS || this.#seen.has(key)) return;
    this.#seen.add(key);
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
      await appendFile(this.#path, lines, { mode: 0o600 }).catch(this.#onProblem);
    }
    this.#writing = null;
  }
}

/** Short, however much was asked. The time is not looked at: the first of several like ones is kept. */
function keyOf({ name, type, outcome, addresses }: Lookup): string {
  const whole = [name, type, outcome, ...addresses].join(" ");
  return createHash("sha256").update(whole).digest("base64");
}
