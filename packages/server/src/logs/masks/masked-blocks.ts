import { onLoop } from "../../lib/on-loop.ts";
import type { Automaton } from "./automaton.ts";

const blockBytes = 64 * 1024;

interface MaskedFile {
  /** Fills `into` from that offset of the file on. */
  read(into: Buffer, offset: number): Promise<void>;
  close(): void;
}

/**
 * Reads a file forward in blocks in which nothing of the masks can be seen: of the same length, byte for byte, wherever a
 * reader begins and however the file grows. What begins a pattern at the end of a file that still grows is not there yet.
 */
export class MaskedBlocks implements Disposable {
  readonly #masks: Automaton;
  readonly #file: MaskedFile;
  #block: Buffer = Buffer.alloc(0);
  #from = 0;

  constructor(masks: Automaton, file: MaskedFile) {
    this.#masks = masks;
    this.#file = file;
  }

  /** Up to `length` bytes at `offset` of what was read and decided; null when that is nothing. */
  take(offset: number, length: number): { data: Uint8Array; release: () => void } | null {
    const from = offset - this.#from;
    if (from < 0 || from >= this.#block.length) return null;
    return { data: this.#block.subarray(from, from + length), release: () => undefined };
  }

  /**
   * Reads at `offset`, from where `ahead` bytes are to be had, which are the last ones or not. `isOverdue`: what has not
   * been decided for long is shown all the same, as asterisks unless it is next to nothing.
   */
  async load(
    offset: number,
    ahead: number,
    { isLast, isOverdue = false }: { isLast: boolean; isOverdue?: boolean },
  ): Promise<void> {
    const around = Math.max(this.#masks.longest - 1, 0);
    const low = Math.max(0, offset - around);
    const high = Math.min(offset + ahead, offset + blockBytes + around);
    const bytes = Buffer.allocUnsafe(high - low);
    await this.#file.read(bytes, low);
    const pending = onLoop("output: mask secrets", () => this.#masks.mask(bytes));
    const isWhole = high === offset + ahead;
    if (isWhole && isOverdue && pending > NEXT_TO_NOTHING) bytes.fill(ASTERISK, bytes.length - pending);
    const undecided = !isWhole ? around : isLast || isOverdue ? 0 : pending;
    this.#block = bytes.subarray(offset - low, Math.max(offset - low, bytes.length - undecided));
    this.#from = offset;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

const ASTERISK = 0x2a;
/** Of a secret that is 6 bytes long at least. */
const NEXT_TO_NOTHING = 3;
