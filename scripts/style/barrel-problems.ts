import { parseSync } from "oxc-parser";

const PACKAGE_INDEX = /^packages\/[^/]+\/src\/index\.ts$/;

/** Re-exports belong in a package's index.ts only, and there by name. */
export function barrelProblems(path: string, text: string): string[] {
  const reExports = parseSync(path, text).module.staticExports.flatMap(({ entries }) =>
    entries.filter((entry) => entry.moduleRequest !== null),
  );
  if (reExports.length === 0) return [];
  if (!PACKAGE_INDEX.test(path)) {
    return [`${path}: re-exports from another file: import from that file directly`];
  }
  return reExports.some((entry) => entry.importName.kind === "AllButDefault")
    ? [`${path}: re-exports with *: name what the package offers`]
    : [];
}
