import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeFolder } from "./make-folder.ts";

const root = mkdtempSync(join(tmpdir(), "berth-folder-"));
afterAll(() => rmSync(root, { recursive: true }));

it("makes a folder and those above it, and leaves one that is there", async () => {
  const path = join(root, "a/b/c");
  await makeFolder(path, { mode: 0o700 });
  await makeFolder(path, { mode: 0o755 });
  expect([path, join(root, "a")].map((folder) => statSync(folder).mode & 0o777)).toEqual([0o700, 0o700]);
});

it("says what keeps it from being made, also where the folder above is there", async () => {
  await expect(makeFolder("/proc/nowhere/a")).rejects.toMatchObject({ code: "ENOENT" });
  writeFileSync(join(root, "file"), "");
  await expect(makeFolder(join(root, "file/a"))).rejects.toMatchObject({ code: "ENOTDIR" });
});
