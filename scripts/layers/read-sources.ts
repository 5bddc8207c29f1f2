import { readFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "./judge-imports.ts";
import { readImports } from "./read-imports.ts";

/** Reads all package sources below a repository root; tests may import what they like and are left out. */
export async function readSources(root: string): Promise<SourceFile[]> {
  const paths = globSync("packages/*/src/**/*.{ts,tsx}", { cwd: root })
    .filter((path) => !path.endsWith(".test.ts"))
    .toSorted();
  return Promise.all(
    paths.map(async (path) => ({
      path,
      imports: readImports(path, await readFile(join(root, path), "utf8")),
    })),
  );
}
