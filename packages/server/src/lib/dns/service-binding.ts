/** Keys of what a service binding tells beside its target (RFC 9460, 14.3). */
const MANDATORY = 0;
const HINTS: readonly number[] = [4, 6];

/**
 * A service binding (HTTPS, SVCB) without the addresses that it hints at: nobody opens those, so nobody may be told of
 * them. null where it is none, or where it says that a client must know these addresses.
 */
export function withoutHints(data: Buffer): Buffer | null {
  const start = endOfName(data, 2);
  if (start === null) return null;
  const kept: Buffer[] = [data.subarray(0, start)];
  for (let offset = start; offset < data.length; ) {
    if (offset + 4 > data.length) return null;
    const key = data.readUInt16BE(offset);
    const end = offset + 4 + data.readUInt16BE(offset + 2);
    if (end > data.length) return null;
    if (key === MANDATORY && wantsHints(data.subarray(offset + 4, end))) return null;
    if (!HINTS.includes(key)) kept.push(data.subarray(offset, end));
    offset = end;
  }
  return Buffer.concat(kept);
}

/** Where a name ends that is written without pointers, as it must be here. */
function endOfName(data: Buffer, start: number): number | null {
  for (let offset = start; ; ) {
    const length = data[offset];
    if (length === undefined || length > 63) return null;
    offset += 1 + length;
    if (length === 0) return offset;
  }
}

function wantsHints(keys: Buffer): boolean {
  for (let offset = 0; offset + 2 <= keys.length; offset += 2) {
    if (HINTS.includes(keys.readUInt16BE(offset))) return true;
  }
  return false;
}
