/** Output in which every byte tells where it belongs: blocks of 64 KiB, each filled with its number. */
export const blockBytes = 64 * 1024;

const PROGRAM = `
import os, sys
for number in range(int(sys.argv[1])):
    os.write(1, number.to_bytes(8, "little") * ${blockBytes / 8})
`;

export function writeBlocks(count: number): string[] {
  return ["/usr/bin/python3", "-c", PROGRAM, String(count)];
}

/** Takes the output piece by piece and throws at the first byte that is not the next one. */
export class NumberedBlocks {
  position = 0;
  readonly #block = Buffer.alloc(blockBytes);
  #filledWith = 0;

  accept(piece: Buffer): void {
    let rest = piece;
    while (rest.length > 0) {
      const within = this.position % blockBytes;
      const part = rest.subarray(0, blockBytes - within);
      this.#fill((this.position - within) / blockBytes);
      if (!part.equals(this.#block.subarray(within, within + part.length))) {
        throw new Error(`Output differs in the ${part.length} bytes from offset ${this.position}`);
      }
      this.position += part.length;
      rest = rest.subarray(part.length);
    }
  }

  #fill(number: number): void {
    if (this.#filledWith === number) return;
    const pattern = Buffer.alloc(8);
    pattern.writeBigUInt64LE(BigInt(number));
    this.#block.fill(pattern);
    this.#filledWith = number;
  }
}
