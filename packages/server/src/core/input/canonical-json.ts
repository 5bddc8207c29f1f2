/** JSON with sorted keys: two values that mean the same have the same text. For hashing requests. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isObject(part) ? inOrder(part) : part));
}

/**
 * The same text piece by piece: what a field of the value holds, and what an entry of such a list or object, comes by
 * itself, as all together may be megabytes. `value` is as JSON gives it.
 */
export function* canonicalPieces(value: object, depth = 0): Generator<string, undefined> {
  const isList = Array.isArray(value);
  const all: [string, unknown][] = Object.entries(isList ? value : inOrder(value));
  // As JSON leaves out what is not there.
  const entries = all.filter(([, part]) => part !== undefined);
  yield isList ? "[" : "{";
  for (const [index, [key, part]] of entries.entries()) {
    const before = `${index === 0 ? "" : ","}${isList ? "" : `${JSON.stringify(key)}:`}`;
    if (depth < DEEPEST && typeof part === "object" && part !== null) {
      if (before !== "") yield before;
      yield* canonicalPieces(part, depth + 1);
    } else yield before + canonicalJson(part);
  }
  yield isList ? "]" : "}";
  return undefined;
}

/** A field, and an entry of it. */
const DEEPEST = 1;

function isObject(part: unknown): part is object {
  return part !== null && typeof part === "object" && !Array.isArray(part);
}

function inOrder(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
