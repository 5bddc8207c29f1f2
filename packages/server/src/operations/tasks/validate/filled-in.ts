/** The reviver's third argument, and its counterpart in writing, which this version of TypeScript's library does not know. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const exact = JSON as unknown as ExactJson;

/** The text with what `value` has and the text leaves out; numbers stay as they were written, whatever a double makes of them. */
export function filledIn(text: string, value: unknown): string {
  const written = exact.parse(text, (_, one, { source }) =>
    typeof one === "number" && source !== undefined && String(one) !== source ? exact.rawJSON(source) : one,
  );
  return JSON.stringify(withMissing(written, value));
}

function withMissing(written: unknown, value: unknown): unknown {
  if (Array.isArray(written) && Array.isArray(value))
    return value.map((one, n) => (n < written.length ? withMissing(written[n], one) : one) as unknown);
  if (!isRecord(written) || !isRecord(value)) return written;
  const all = Object.entries(value).map(([name, one]) => [
    name,
    Object.hasOwn(written, name) ? withMissing(written[name], one) : one,
  ]);
  return Object.fromEntries(all) as unknown;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
