import { parseSync } from "oxc-parser";

/** What a package offers, by its name alone or with `/executor` behind it. */
const PACKAGE_ENTRY = /^packages\/[^/]+\/src\/(index|api\/executor\/executor)\.ts$/;

/** Re-exports belong in the entries of a package only, and there by name. */
export function barrelProblems(path: string, text: string): string[] {
  const reExports = parseSync(path, text).module.staticExports.flatMap(({ entries }) =>
    entries.filter((entry) => entry.moduleRequest !== null),
  );
  if (reExports.length === 0) return [];
  if (!PACKAGE_ENTRY.test(path)) {
    return [`${path}: re-exports from another file: import from that file directly`];
  }
  return reExports.some((entry) => entry.importName.kind === "AllButDefault")
    ? [`${path}: re-exports with *: name what the package offers`]
    : [];
}
