const S = 1000;
const MIN = 60 * S;
const HOUR = 60 * MIN;

/** How long is waited after each attempt that failed; after as many and one more it is given up. */
const WAITS = [5 * S, 30 * S, 2 * MIN, 10 * MIN, HOUR, 6 * HOUR, 24 * HOUR] as const;
/** Up to so much is added to a wait: many who failed together do not come back together. */
const SPREAD = 0.2;
/** Nobody has it wait for longer. */
const LONGEST_MS = 24 * HOUR;

/**
 * How long to wait after so many attempts that failed (1, 2, ...), in ms; null where it is given up. `askedMs` is what the receiver
 * asked for, which can make a wait longer and never shorter.
 */
export function nextTryMs(
  tries: number,
  { askedMs = null, random = Math.random }: { askedMs?: number | null; random?: () => number } = {},
): number | null {
  const wait = WAITS[tries - 1];
  if (wait === undefined) return null;
  const spread = Math.round(wait * (1 + random() * SPREAD));
  return Math.max(spread, Math.min(askedMs ?? 0, LONGEST_MS));
}

/** What a `Retry-After` asks for, in ms: seconds, or a date of HTTP; null where it says nothing. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * S;
  const at = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
