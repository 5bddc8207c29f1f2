import { createHash } from "node:crypto";
import { pathsOfChanges } from "../audit/change.ts";
import type { FieldChange } from "../audit/record.ts";

/** As answers show what nobody is to read. */
const MASK = "************";
/** More fields than these in one record are told by their number. */
const MOST_FIELDS = 100;

/** What inputs are called that are secrets. */
const secretInput = /pass(word|wd|phrase)|secret|token|credential|(api|private).?key/i;
/** The same of what definitions say themselves: they name secrets, and have none. */
const secretField = /^(password|token|privateKey)$/i;
/** Keywords of a schema that hold values, where all others say which values fit. */
const holdsValues: ReadonlySet<string> = new Set(["default", "const", "enum", "examples"]);

/**
 * The fields in which two definitions of one name differ, for a record: each with what it said before and says now. Of what is
 * called like a secret, or what a schema says is one, only that it changed. null: it was not there.
 */
export function definitionChanges(before: object | null, after: object | null): FieldChange[] {
  const all = pathsOfChanges(before ?? {}, after ?? {});
  const shown = all.slice(0, MOST_FIELDS).map(({ path, ...change }) => ({
    field: path.join("."),
    before: shownOf(before, { path, value: change.before }),
    after: shownOf(after, { path, value: change.after }),
  }));
  const more = all.length - shown.length;
  if (more === 0) return shown;
  return [...shown, { field: `(${more} more)`, before: digestOf(before), after: digestOf(after) }];
}

/** Where in a definition something stands. */
interface Place {
  path: readonly string[];
  /** Something on the way to it says that what is here is a secret. */
  isSecret: boolean;
}

function shownOf(
  definition: object | null,
  { path, value }: { path: readonly string[]; value: unknown },
): unknown {
  let place: Place = { path: [], isSecret: false };
  let at: unknown = definition;
  for (const name of path) {
    place = below(place, { at, name });
    at = isObject(at) ? Reflect.get(at, name) : null;
  }
  return masked(value, place);
}

function below({ path, isSecret }: Place, { at, name }: { at: unknown; name: string }): Place {
  const isCalledSo = isInSchema(path) ? secretInput.test(name) : secretField.test(name);
  return {
    path: [...path, name],
    isSecret: isSecret || isCalledSo || (isInSchema(path) && isSecretSchema(at)),
  };
}

function masked(value: unknown, place: Place): unknown {
  if (value === null || value === undefined) return null;
  const { path, isSecret } = place;
  if (isSecret && (!isInSchema(path) || path.some((name) => holdsValues.has(name)))) return MASK;
  if (Array.isArray(value)) return value.map((one: unknown) => masked(one, place));
  if (!isObject(value)) return value;
  const fields = Object.entries(value);
  return Object.fromEntries(
    fields.map(([name, inside]: [string, unknown]) => [
      name,
      masked(inside, below(place, { at: value, name })),
    ]),
  );
}

function isInSchema([first]: readonly string[]): boolean {
  return first === "input";
}

function isSecretSchema(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Reflect.get(value, "writeOnly") === true || Reflect.get(value, "format") === "password";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function digestOf(spec: object | null): string | null {
  return spec === null ? null : `sha256:${createHash("sha256").update(JSON.stringify(spec)).digest("hex")}`;
}
