import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { collectFiles } from "./collect.ts";

it("skips a file whose path is too long where it would be kept, and keeps the others", async () => {
  await using folder = tempFolder();
  const [work, into] = [join(folder.path, "work"), join(folder.path, "n".repeat(200))];
  const deep = Array.from({ length: 19 }, () => "d".repeat(200)).join("/");
  mkdirSync(join(work, deep), { recursive: true });
  mkdirSync(into);
  // The longest path that there can be is 4095 bytes.
  const file = "f".repeat(4095 - join(work, deep).length - 1);
  writeFileSync(join(work, deep, file), "x");
  writeFileSync(join(work, "good"), "x");
  const { artifacts, skipped } = await collectFiles(work, {
    paths: ["**"],
    into,
    maxBytes: 1000,
    maxFiles: 10,
  });
  expect(artifacts.map(({ path }) => path)).toEqual(["good"]);
  expect(skipped).toEqual([{ path: `${deep}/${file}`, reason: "its path is too long" }]);
});
