import type { FieldChange } from "./record.ts";

/** Fields that hold, or are derived from, what nobody may read: no record has them, whatever the definition is of. */
const secret = /^(password|secret|token|value|values|key|privateKey|hash|data)$/i;

/**
 * The fields in which two definitions differ, by their paths: `allow.ports`, `names`. A list is one field: who reads it wants
 * it whole. null stands for a definition that was not there before, or is not there after.
 */
export function changesBetween(before: object | null, after: object | null): FieldChange[] {
  return differences(before ?? {}, after ?? {}, { path: [], isShown: (name) => !secret.test(name) }).map(
    told,
  );
}

/** All fields in which they differ, for whoever may read both. */
export function allChangesBetween(before: object, after: object): FieldChange[] {
  return pathsOfChanges(before, after).map(told);
}

/** A field by the names on the way to it: a name may have a dot in it. */
export interface PathChange {
  path: readonly string[];
  before: unknown;
  after: unknown;
}

export function pathsOfChanges(before: object, after: object): PathChange[] {
  return differences(before, after, { path: [], isShown: () => true });
}

function told({ path, ...change }: PathChange): FieldChange {
  return { field: path.join("."), ...change };
}

function differences(
  before: object,
  after: object,
  { path, isShown }: { path: readonly string[]; isShown: (name: string) => boolean },
): PathChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter(isShown).flatMap((name) => {
    const field = [...path, name];
    const [was, is] = [valueAt(before, name), valueAt(after, name)];
    if (isRecord(was) && isRecord(is)) return differences(was, is, { path: field, isShown });
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ path: field, before: was, after: is }];
  });
}

function valueAt(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (Reflect.get(object, name) ?? null) : null;
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
