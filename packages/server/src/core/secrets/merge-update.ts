import { type Problem, secretBounds, secretKey, secretMask, type SecretValue } from "@berth/protocol";
import { fieldName } from "../input/check.ts";

/** What a secret holds, by key. A map, as a key may have any name. */
export type SecretValues = ReadonlyMap<string, Uint8Array>;

export type Merged = { values: SecretValues } | { problems: Problem[] };

/**
 * What a secret holds after an update: the mask keeps what is there, the empty text deletes, anything else sets; what is not
 * named stays. A new secret is an update of one without keys. All problems at once, and none of them shows a value.
 */
export function mergeUpdate(
  before: SecretValues,
  update: Readonly<Record<string, SecretValue>>,
  { short }: { short: boolean },
): Merged {
  const values = new Map(before);
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(update)) {
    const bytes = bytesOf(value);
    const problem =
      value === secretMask
        ? keptProblem(before, key)
        : (keyProblem(key, bytes) ?? valueProblem(bytes, short));
    if (problem !== null) problems.push({ field: fieldName(["values", key]), message: problem });
    else if (value === secretMask) continue;
    else if (bytes.length === 0) values.delete(key);
    else values.set(key, bytes);
  }
  problems.push(...boundProblems(values));
  return problems.length > 0 ? { problems } : { values };
}

/** What of all values together is beyond the bounds. */
export function boundProblems(values: SecretValues): Problem[] {
  const total = [...values.values()].reduce((sum, { length }) => sum + length, 0);
  const wrong = [
    ...(values.size === 0 ? ["must leave a key: to take all away, delete the secret"] : []),
    ...(values.size > secretBounds.keys ? [`must leave at most ${secretBounds.keys} keys`] : []),
    ...(total > secretBounds.secret ? [`must leave at most ${secretBounds.secret} bytes together`] : []),
  ];
  return wrong.map((message) => ({ field: "values", message }));
}

function bytesOf(value: SecretValue): Buffer {
  return typeof value === "string" ? Buffer.from(value) : Buffer.from(value.base64, "base64");
}

function keptProblem(before: SecretValues, key: string): string | null {
  return before.has(key)
    ? null
    : `must not be ${secretMask.length} asterisks: that keeps a value, and there is none`;
}

/** Keys name files of jobs, whichever door they come by. One that has been there since before this was asked can be taken away. */
function keyProblem(key: string, value: Buffer): string | null {
  const problem = value.length === 0 ? undefined : secretKey.safeParse(key).error?.issues[0];
  return problem === undefined ? null : `as a name ${problem.message}`;
}

/** The line feeds at the end of a file do not count: whoever uses its value leaves them out. */
function valueProblem(value: Buffer, short: boolean): string | null {
  const { length } = value.toString("latin1").replace(/[\r\n]+$/, "");
  if (value.length > secretBounds.value) return `must be at most ${secretBounds.value} bytes`;
  if (value.length === 0 || length >= secretBounds.shortest || short) return null;
  return `must be at least ${secretBounds.shortest} bytes to be masked in output: \`short\` takes it all the same`;
}
