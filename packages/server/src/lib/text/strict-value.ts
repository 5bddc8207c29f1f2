import { parseStrictJson } from "./strict-json.ts";

/** Longest text that is read in one go, in characters: well below a millisecond. */
const MOST_AT_ONCE = 32_768;
const MAX_DEPTH = 100;

/** Where a key can end: in a string it stands for none, and is counted all the same. */
const endOfKey = /"[ \t\n\r]*:/g;

export type StrictValue = { ok: true; value: unknown } | { ok: false; reason: string };

/**
 * The value of a JSON document, or why it is none, as `parseStrictJson` has it, in a third of its time for most short texts.
 * The runtime's own parser takes what is RFC 8259, and beyond it a key twice, numbers too large and any depth: where it cannot
 * be told cheaply that there is none of these, the strict one decides.
 */
export async function strictValue(text: string): Promise<StrictValue> {
  if (text.length <= MOST_AT_ONCE) {
    const value = parsed(text);
    if (value !== undefined && keysIn(value, MAX_DEPTH) === (text.match(endOfKey)?.length ?? 0))
      return { ok: true, value };
  }
  const read = await parseStrictJson(text, { maxDepth: MAX_DEPTH });
  return read.ok ? { ok: true, value: read.value } : read;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** NaN, which equals nothing, where something lies too deep or is no number. */
function keysIn(value: unknown, depth: number): number {
  if (typeof value === "number") return Number.isFinite(value) ? 0 : Number.NaN;
  if (typeof value !== "object" || value === null) return 0;
  if (depth === 0) return Number.NaN;
  if (Array.isArray(value)) {
    let inList = 0;
    for (const one of value) inList += keysIn(one, depth - 1);
    return inList;
  }
  const record = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(record);
  let count = keys.length;
  for (const key of keys) count += keysIn(record[key], depth - 1);
  return count;
}
