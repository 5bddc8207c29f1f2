import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { staleFiles } from "./stale-files.ts";

const generator = { owns: ["config.md", "api/"], write: async () => {} };

function fill(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

it("names files that differ, are missing or are left over", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "root-"));
  await using fresh = await mkdtempDisposable(join(tmpdir(), "fresh-"));
  fill(root.path, { "config.md": "old", "api/jobs.md": "same", "api/gone.md": "", "other.md": "not ours" });
  fill(fresh.path, { "config.md": "new", "api/jobs.md": "same", "api/tasks.md": "" });

  expect(staleFiles(generator, root.path, fresh.path)).toEqual([
    "api/gone.md: nothing generates it any more: delete it",
    "api/tasks.md: is missing: run npm run generate",
    "config.md: differs from what the sources say: run npm run generate",
  ]);
});
