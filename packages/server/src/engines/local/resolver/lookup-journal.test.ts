import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { HasAsked, LookupJournal, MOST_LOOKUPS } from "./lookup-journal.ts";
import { type Lookup, MOST_ADDRESSES, readLookups } from "./lookups.ts";

const one: Lookup = { at: 5, name: "a.org", type: "A", outcome: "answered", addresses: ["1.1.1.1"] };

async function journalIn(folder: string, problems: unknown[] = []) {
  const path = join(folder, "lookups");
  const asked = new HasAsked();
  const journal = new LookupJournal(path, { asked, onProblem: (error) => problems.push(error) });
  const lines = async (): Promise<Lookup[]> => {
    await journal.written();
    return readLookups(readFileSync(path, "utf8"));
  };
  return { path, journal, lines, asked };
}

it("has each thing once, in the order in which it came first", async () => {
  await using folder = tempFolder();
  const { journal, lines } = await journalIn(folder.path);
  journal.note(one);
  journal.note({ ...one, at: 6 });
  journal.note({ ...one, at: 7, addresses: ["1.1.1.2"] });
  journal.note({ ...one, at: 8, outcome: "failed", addresses: [] });
  expect((await lines()).map(({ at }) => at)).toEqual([5, 7, 8]);
});

it("goes on where an earlier server left off", async () => {
  await using folder = tempFolder();
  const before = await journalIn(folder.path);
  before.journal.note(one);
  await before.journal.written();
  const { journal, lines } = await journalIn(folder.path);
  journal.note({ ...one, at: 6 });
  journal.note({ ...one, at: 7, name: "b.org" });
  expect((await lines()).map(({ at }) => at)).toEqual([5, 7]);
});

it("has no more lines than it may, whatever is asked, and whichever server asks", async () => {
  await using folder = tempFolder();
  const { journal, lines } = await journalIn(folder.path);
  for (let n = 0; n < MOST_LOOKUPS + 50; n += 1) journal.note({ ...one, name: `n${n}.org` });
  expect(await lines()).toHaveLength(MOST_LOOKUPS);
  const next = await journalIn(folder.path);
  next.journal.note({ ...one, name: "another.org" });
  expect(await next.lines()).toHaveLength(MOST_LOOKUPS);
});

it("has no more addresses of a name than it may, however many its owner gives it", async () => {
  await using folder = tempFolder();
  const { path, journal, lines } = await journalIn(folder.path);
  const addresses = Array.from({ length: 64 }, (_, n) => `11.0.0.${n}`);
  journal.note({ ...one, addresses });
  // Alike as far as it is kept.
  journal.note({ ...one, addresses: addresses.slice(0, -1) });
  const kept = [{ ...one, addresses: addresses.slice(0, MOST_ADDRESSES) }];
  expect(await lines()).toEqual(kept);
  const next = new LookupJournal(path, { asked: new HasAsked(), onProblem: () => undefined });
  next.note({ ...one, addresses });
  await next.written();
  expect(await lines()).toEqual(kept);
});

it("tells of a file that cannot be written or read, and goes on", async () => {
  await using folder = tempFolder();
  const problems: unknown[] = [];
  const { journal } = await journalIn(join(folder.path, "gone"), problems);
  journal.note(one);
  await journal.written();
  expect(problems).toMatchObject([{ code: "ENOENT" }]);
  writeFileSync(join(folder.path, "file"), "");
  await journalIn(join(folder.path, "file"), problems);
  expect(problems.at(-1)).toMatchObject({ code: "ENOTDIR" });
});

it("writes nothing any more once it is closed, so that its folder may go", async () => {
  await using folder = tempFolder();
  const { journal, lines } = await journalIn(folder.path);
  journal.note(one);
  await journal.close();
  journal.note({ ...one, name: "late.org" });
  expect((await lines()).map(({ name }) => name)).toEqual(["a.org"]);
});
