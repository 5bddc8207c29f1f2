/** Their fields are set one by one; all others are what the patch says, whole. */
const mergedFields: ReadonlySet<string> = new Set(["resources", "timeouts", "output"]);

type Fields = Readonly<Record<string, unknown>>;

/** A definition as a patch changes it: null takes a field away, what is not named stays. */
export function mergeSpec(spec: object, patch: object): Fields {
  const merged = new Map<string, unknown>(Object.entries(spec));
  for (const [field, value] of Object.entries(patch)) {
    const before = merged.get(field);
    if (value === undefined) continue;
    if (value === null) merged.delete(field);
    else if (mergedFields.has(field) && isRecord(before) && isRecord(value))
      merged.set(field, { ...before, ...value });
    else merged.set(field, value);
  }
  return Object.fromEntries(merged);
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
