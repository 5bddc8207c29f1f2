import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import type { ChainHead } from "../core/audit/chain.ts";

export interface KnownHead extends ChainHead {
  chain: string;
}

const WRITE_EVERY_MS = 1000;
/** Written over in place, always this long: there is no moment at which the file is empty, and no write waits for the disk. */
const LENGTH = 256;

/**
 * Says how far the audit chain has come, beside the database: so that one from which the newest records were cut off is
 * known for it. Behind by a second at most, and never ahead of what is stored.
 */
export class HeadFile implements Disposable {
  readonly found: KnownHead | null;
  readonly #fd: number;
  readonly #chain: string;
  readonly #report: (what: string, error: unknown) => void;
  #latest: ChainHead | null = null;
  #written: ChainHead | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isOpen = false;

  constructor(
    path: string,
    { chain, report }: { chain: string; report: (what: string, error: unknown) => void },
  ) {
    this.#chain = chain;
    this.#report = report;
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.found = this.#read();
  }

  get latest(): ChainHead | null {
    return this.#latest;
  }

  note(head: ChainHead): void {
    this.#latest = head;
    if (this.#isOpen && head.hash !== this.#written?.hash) this.#timer ??= this.#soon();
  }

  /** From now on what it said before may be written over. */
  begin(): void {
    this.#isOpen = true;
    this.#write();
  }

  [Symbol.dispose](): void {
    this.#write();
    this.#isOpen = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    closeSync(this.#fd);
  }

  #soon(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = null;
      this.#write();
    }, WRITE_EVERY_MS).unref();
  }

  #write(): void {
    const head = this.#latest;
    if (!this.#isOpen || head === null || head.hash === this.#written?.hash) return;
    try {
      writeSync(this.#fd, `${head.seq} ${head.hash} ${this.#chain}`.padEnd(LENGTH - 1).concat("\n"), 0);
      this.#written = head;
    } catch (error) {
      this.#report("Cannot write how far the audit chain is", error);
    }
  }

  #read(): KnownHead | null {
    const bytes = Buffer.alloc(LENGTH);
    const text = bytes.toString("utf8", 0, readSync(this.#fd, bytes, 0, LENGTH, 0));
    const [seq = "", hash = "", chain = ""] = text.trim().split(" ");
    return /^[0-9]{1,15}$/.test(seq) && /^[0-9a-f]{64}$/.test(hash) && chain !== ""
      ? { chain, seq: Number(seq), hash }
      : null;
  }
}
