import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { tempFolder } from "../../../test/support/temp-folder.ts";
import { takeSpent } from "../../lib/on-loop.ts";
import { RecentLists } from "./recent-lists.ts";

it("lets others have their turn between the reading and the checking of a long list", async () => {
  await using folder = tempFolder();
  const path = join(folder.path, "list.json");
  const artifact = { size: 1, modifiedAt: "2026-01-02T03:04:05.000Z" };
  const items = Array.from({ length: 3000 }, (_, index) => ({
    ...artifact,
    path: `${"a".repeat(60)}${index}`,
  }));
  writeFileSync(path, JSON.stringify({ items, skipped: [] }));
  takeSpent();
  const turns: string[][] = [];
  let isRead = false;
  const list = new RecentLists().read(path).finally(() => (isRead = true));
  while (!isRead) {
    await nextTurn();
    turns.push([...takeSpent().keys()]);
  }
  expect((await list).items).toHaveLength(3000);
  expect(turns.filter((names) => names.length > 0)).toEqual([
    ["artifacts: read a list"],
    ["artifacts: check a list"],
  ]);
});
