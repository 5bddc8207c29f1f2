/** Somebody in more groups than this is told by no directory that is well. */
const MOST_GROUPS = 1000;
const LONGEST = 255;

/**
 * The names in a list of groups as providers write them: texts, or objects with a `path` or a `name`. A `/` at the beginning,
 * which says that a path begins at the top, is left out. What is no name is passed over.
 */
export function groupNames(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : typeof value === "string" ? [value] : [];
  const names = list.slice(0, MOST_GROUPS).flatMap((entry) => {
    const text = typeof entry === "object" && entry !== null ? nameIn(entry) : entry;
    const name = typeof text === "string" ? text.replace(/^\//, "") : "";
    return name !== "" && name.length <= LONGEST ? [name] : [];
  });
  return [...new Set(names)];
}

function nameIn(entry: object): unknown {
  if ("path" in entry) return entry.path;
  return "name" in entry ? entry.name : null;
}
