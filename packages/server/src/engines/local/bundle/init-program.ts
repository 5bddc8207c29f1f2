/**
 * Pid 1 of a job, as an executable file: the machine code of init-x64.s (read that), with the header that makes a
 * program of it. Made so because a job would otherwise pay a millisecond for a shell or another init, and because
 * none of those tells the end by a signal from an exit code above 128. A test assembles it again and compares.
 */
export const INIT_CODE = Buffer.from(
  "SInlSIPsILidAAAAvwQAAAAx9g8FuEgAAAC/AwAAAL4CAAAAugEAAAAPBbNytwrozQAAALg5AAAADwWFwHhbdGxBicRIx8f/////SI11" +
    "8DHSRTHSuD0AAAAPBUQ54HQHg/j2dDXr3USLbfBEieuD4390EkSNq4AAAACI37Nz6H4AAADrC0HB7QhBgeX/AAAARInvuOcAAAAPBffY" +
    "s2aIx+hcAAAAQb1+AAAA6+NIi00ATI10zRBIi30QSI11GEyJ8rg7AAAADwWD+Ph1IUiLfRBIiX0YSI09PwAAAEiJfRBIjXUQTInyuDsA" +
    "AAAPBffYs2WIx+gIAAAAQb1/AAAA649miV34vwMAAABIjXX4ugIAAAC4AQAAAA8Fwy9iaW4vc2gA",
  "base64",
);

const BASE = 0x400000;
const HEADERS = 64 + 56;

/** null where there is no code for this processor. */
export function initProgram(architecture: string): Buffer | null {
  if (architecture !== "x64") return null;
  const size = HEADERS + INIT_CODE.length;
  const head = Buffer.alloc(HEADERS);
  // ELF, 64 bit, little-endian, version 1; an executable for x86-64; entry right after the headers.
  head.write("\x7fELF\x02\x01\x01", 0, "latin1");
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(62, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(BigInt(BASE + HEADERS), 24);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(64, 52);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  // One segment, loaded whole, to be read and executed; the stack is not executable without a word.
  head.writeUInt32LE(1, 64);
  head.writeUInt32LE(5, 68);
  head.writeBigUInt64LE(BigInt(BASE), 80);
  head.writeBigUInt64LE(BigInt(BASE), 88);
  head.writeBigUInt64LE(BigInt(size), 96);
  head.writeBigUInt64LE(BigInt(size), 104);
  head.writeBigUInt64LE(4096n, 112);
  return Buffer.concat([head, INIT_CODE]);
}
