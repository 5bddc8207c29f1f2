import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Generator } from "./generators.ts";

/** Says which generated files in `root` differ from those that were made afresh in `fresh`. */
export function staleFiles(generator: Generator, root: string, fresh: string): string[] {
  const paths = new Set(
    generator.owns.flatMap((owned) => [...listFiles(root, owned), ...listFiles(fresh, owned)]),
  );
  return [...paths].toSorted().flatMap((path) => {
    if (!existsSync(join(fresh, path))) return [`${path}: nothing generates it any more: delete it`];
    if (!existsSync(join(root, path))) return [`${path}: is missing: run npm run generate`];
    const same = readFileSync(join(root, path)).equals(readFileSync(join(fresh, path)));
    return same ? [] : [`${path}: differs from what the sources say: run npm run generate`];
  });
}

function listFiles(root: string, owned: string): string[] {
  const pattern = owned.endsWith("/") ? `${owned}**` : owned;
  return globSync(pattern, { cwd: root }).filter((path) => statSync(join(root, path)).isFile());
}
