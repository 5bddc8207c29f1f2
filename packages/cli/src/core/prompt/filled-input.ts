/** The input with a value put in; objects in between are made. */
export function withAnswer(input: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const fields = isRecord(input) ? input : {};
  const inner = Object.hasOwn(fields, name) ? fields[name] : undefined;
  // Not an object literal: a field may have any name.
  return Object.fromEntries([...Object.entries(fields), [name, withAnswer(inner, rest, value)]]);
}

/** Whether the input says something there. */
export function isAnswered(input: unknown, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return input !== undefined;
  return isRecord(input) && Object.hasOwn(input, name) && isAnswered(input[name], rest);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
