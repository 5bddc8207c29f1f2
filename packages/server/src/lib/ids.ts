import { randomFillSync } from "node:crypto";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The counter's room: 12 bits of the first random field and 20 of the second. */
const COUNTER_SIZE = 2 ** 32;
const RANDOM_BATCH = 4096;

/**
 * Makes UUIDs of version 7, each greater than the one before it, also when the clock stands still or steps back.
 * Sorted as text they are in the order in which they were made.
 *
 *   48 bits epoch ms | 0111 | counter, high 12 | 10 | counter, low 20 | 42 random bits
 *
 * The counter starts at a random value below 2^31 in each new millisecond and grows by one within it.
 */
export function createIdSource(now: () => number = Date.now): () => string {
  const pool = Buffer.allocUnsafe(RANDOM_BATCH);
  let used = RANDOM_BATCH;
  let lastMs = -1;
  let counter = 0;

  function takeRandom(): number {
    if (used + 10 > RANDOM_BATCH) {
      randomFillSync(pool);
      used = 0;
    }
    used += 10;
    return used - 10;
  }

  return () => {
    const at = takeRandom();
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      counter = pool.readUInt32BE(at) >>> 1;
    } else if (++counter >= COUNTER_SIZE) {
      lastMs += 1;
      counter = 0;
    }
    return format({ ms: lastMs, counter, random: pool.readUIntBE(at + 4, 6) % 2 ** 42 });
  };
}

function format({ ms, counter, random }: { ms: number; counter: number; random: number }): string {
  const time = ms.toString(16).padStart(12, "0");
  const high = (0x7000 | (counter >>> 20)).toString(16);
  const low = ((0b10 << 20) | (counter & 0xfffff)) >>> 0;
  // 64 bits: variant (2), the counter's low 20, 42 random; as 22 + 42 bits in two safe numbers.
  const tail = ((BigInt(low) << 42n) | BigInt(random)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${high}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

/** The next id of this process. */
export const newId: () => string = createIdSource();

/** True for the one spelling that `newId` makes: a UUID of version 7 in lower case. Safe as a file name. */
export function isId(text: string): boolean {
  return UUID_V7.test(text);
}

/** Epoch ms at which an id was made; null when the text is not an id. */
export function timeOfId(text: string): number | null {
  return isId(text) ? Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16) : null;
}
