import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import type { Collected } from "../../engine.ts";
import { collectFiles, type CollectTime } from "./collect.ts";
import { TimeShare } from "./time-share.ts";

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

/** What is kept of a folder with the files a, b and c, of which `a` is named. */
async function keptIn(time: CollectTime): Promise<Pick<Collected, "artifacts" | "skipped">> {
  await using folder = tempFolder();
  const [work, into] = [join(folder.path, "work"), join(folder.path, "kept")];
  for (const path of [work, into]) mkdirSync(path);
  for (const name of ["a", "b", "c"]) writeFileSync(join(work, name), "x");
  return await collectFiles(work, { paths: ["a", "*"], into, maxBytes: 1000, maxFiles: 10 }, time);
}

const endless = (): TimeShare => new TimeShare(Number.POSITIVE_INFINITY);
const over = (): TimeShare => new TimeShare(0);

it("keeps what it knows of when the time for looking is over, and says that it looked no further", async () => {
  const { artifacts, skipped } = await keptIn({ looking: over(), keeping: endless() });
  expect(artifacts.map(({ path }) => path)).toEqual(["a"]);
  expect(skipped).toEqual([{ path: "*", reason: "not looked for any further: it took 0 s" }]);
});

it("names each file that it has not come to when the time for keeping is over", async () => {
  const { artifacts, skipped } = await keptIn({ looking: endless(), keeping: over() });
  expect(artifacts).toEqual([]);
  expect(skipped).toEqual(["a", "b", "c"].map((path) => ({ path, reason: "not reached in 0 s" })));
});
