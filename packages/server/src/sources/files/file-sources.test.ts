import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../test/support/temp-folder.ts";
import type { Source } from "../../core/task/source.ts";
import { FileSources } from "./file-sources.ts";

const first = "1".repeat(40);
const second = "2".repeat(40);
const plain: Source & { commit: string } = {
  url: "https://git.example.org/a.git",
  ref: "main",
  credentials: null,
  shown: null,
  ca: null,
  network: null,
  mostBytes: 1000,
  refreshMs: 30_000,
  submodules: false,
  commit: first,
};
const shown = { kind: "token", secret: "git", key: "token", user: "git" } as const;
const withSecret = { credentials: shown, shown: "of a value" };
const at = (commit: string) => ({ ...plain, commit });
const MINUTE = 60_000;

/** Trees of so many bytes at most, by a clock that stands until it is set. */
async function opened(root: string, mostBytes = 1000) {
  const [clock, faults, copies] = [{ now: 1_000_000_000_000 }, [] as unknown[], [] as string[]];
  const inUse: Source[] = [];
  const sources = await FileSources.open({
    root,
    mostBytes,
    inUse: async () => inUse,
    now: () => clock.now,
    report: (...fault) => faults.push(fault),
  });
  const copy = async (into: string): Promise<number> => {
    copies.push(into);
    mkdirSync(into);
    writeFileSync(join(into, "file"), "content");
    return 400;
  };
  return { sources, clock, faults, copies, copy, inUse };
}

it("knows a commit where its tree is kept, and a ref as long as it was asked for lately", async () => {
  await using folder = tempFolder();
  const { sources, clock, copy } = await opened(folder.path);
  expect([await sources.holds(plain), await sources.treeOf(plain)]).toEqual([null, null]);
  await sources.take(plain, copy);
  const tree = (await sources.treeOf(plain)) ?? "";
  expect([readdirSync(tree), await sources.holds({ ...plain, commit: null })]).toEqual([["file"], first]);
  clock.now += 30_000;
  expect(await sources.holds(plain)).toBeNull();
  expect(await sources.holds({ ...plain, ref: first })).toBe(first);
  expect(await sources.holds({ ...plain, ref: second })).toBeNull();
  expect(await sources.holds({ ...plain, ref: "other" })).toBeNull();
  // A clock that was set back says nothing of how long ago that was.
  clock.now -= 10 * MINUTE;
  expect(await sources.holds(plain)).toBeNull();
  await sources.take(at(second), copy);
  expect(await sources.holds(plain)).toBe(second);
  expect(await sources.holds({ ...plain, refreshMs: 0 })).toBeNull();
});

it.each<[what: string, other: Partial<Source>]>([
  ["is shown other credentials", { credentials: shown }],
  ["is shown another secret", { credentials: { ...shown, secret: "other" } }],
  ["is shown what a secret of that name holds by now", { shown: "of another value" }],
  ["is shown nobody knows what", { shown: null }],
  ["is of another url", { url: "https://git.example.org/b.git" }],
  ["goes by another network", { network: "office" }],
  ["may be smaller only", { mostBytes: 10 }],
  ["takes submodules too", { submodules: true }],
])("keeps a tree from a runner that %s", async (_what, other) => {
  await using folder = tempFolder();
  const { sources, copy } = await opened(folder.path);
  const mine =
    other.credentials === undefined
      ? { ...plain, ...withSecret }
      : { ...plain, ...withSecret, credentials: { ...shown, user: "me" } };
  await sources.take(mine, copy);
  expect([await sources.holds(mine), await sources.holds({ ...mine, ref: first })]).toEqual([first, first]);
  for (const ref of ["main", first])
    expect(await sources.holds({ ...mine, ref, refreshMs: 24 * 60 * MINUTE, ...other })).toBeNull();
  expect(await sources.treeOf({ ...mine, ...other })).toBeNull();
});

it("keeps nothing that was fetched by nobody knows what", async () => {
  await using folder = tempFolder();
  const { sources, copy, copies } = await opened(folder.path);
  await sources.take({ ...plain, credentials: shown }, copy);
  expect([copies, readdirSync(join(folder.path, "trees"))]).toEqual([[], []]);
});

it("marks the same value the same after a restart, and otherwise where there is no key of its own any more", async () => {
  await using folder = tempFolder();
  const marks = async (): Promise<string[]> => {
    const { sources } = await opened(folder.path);
    return ["a", "b"].map((value) => sources.markOf(Buffer.from(value)));
  };
  const [a = "", b = ""] = await marks();
  expect([a.length, b === a, await marks()]).toEqual([64, false, [a, b]]);
  writeFileSync(join(folder.path, "key"), "half");
  expect(await marks()).not.toContain(a);
  expect(statSync(join(folder.path, "key")).mode & 0o777).toBe(0o600);
});

it("copies a commit once, throws away what a second one has brought, and leaves nothing of a copy that failed", async () => {
  await using folder = tempFolder();
  const { sources, copy, copies } = await opened(folder.path);
  await Promise.all([sources.take(plain, copy), sources.take(plain, copy)]);
  const before = copies.length;
  await sources.take(plain, copy);
  expect(copies.length).toBe(before);
  const broken = sources.take(at(second), () => Promise.reject(new Error("the disk is full")));
  await expect(broken).rejects.toThrow("the disk is full");
  expect(await sources.holds({ ...plain, ref: second })).toBeNull();
  expect(["trees", "refs", "new"].map((name) => readdirSync(join(folder.path, name)).length)).toEqual([
    1, 1, 0,
  ]);
});

it("removes what was used least recently, and nothing that a job needs or has just asked for", async () => {
  await using folder = tempFolder();
  const { sources, clock, copy, inUse, faults } = await opened(folder.path);
  const commits = ["a", "b", "c", "d"].map((digit) => digit.repeat(40));
  const [a = "", b = "", c = "", d = ""] = commits;
  inUse.push(at(a));
  for (const commit of [a, b, c]) {
    await sources.take(at(commit), copy);
    clock.now += MINUTE;
  }
  const kept = async () => {
    const trees = readdirSync(join(folder.path, "trees")).map((name) => name.split("-")[1] ?? "");
    return trees.toSorted((one, other) => one.localeCompare(other));
  };
  // All were just asked for.
  expect(await kept()).toEqual([a, b, c]);
  clock.now += 20 * MINUTE;
  await sources.treeOf(at(b));
  await sources.take(at(d), copy);
  expect(await kept()).toEqual([a, b, d]);
  expect(faults).toEqual([]);
});

it("keeps nothing where it has no room, and clears away what a server that died was making", async () => {
  await using folder = tempFolder();
  const { sources, copy } = await opened(folder.path, 0);
  await sources.take(plain, copy);
  expect(await sources.holds(plain)).toBeNull();
  mkdirSync(join(folder.path, "new/half/tree"), { recursive: true });
  const again = await opened(folder.path);
  expect(existsSync(join(folder.path, "new/half"))).toBe(false);
  await again.sources.take(plain, again.copy);
  const ref = readdirSync(join(folder.path, "refs"))[0] ?? "";
  expect(readFileSync(join(folder.path, "refs", ref), "utf8")).toBe(`${first} 1000000000000\n`);
  writeFileSync(join(folder.path, "refs", ref), "nonsense");
  expect(await again.sources.holds(plain)).toBeNull();
});
