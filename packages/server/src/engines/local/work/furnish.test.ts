import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { furnish, type Furnishing, isQuick } from "./furnish.ts";

const plain: Furnishing = {
  work: "/nowhere",
  lower: null,
  owner: 0,
  files: [],
  workdir: "/work",
  command: "true",
  path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  isLeft: false,
  stdin: { path: "/nowhere", content: null },
};
const file = (name: string, bytes = 1) => ({ name, content: new Uint8Array(bytes) });

it.each([
  ["a plain command", {}],
  ["a small input file and stdin", { files: [file("a/b")], stdin: { path: "", content: new Uint8Array(9) } }],
])("does %s at once", (_what, parts) => {
  expect(isQuick({ ...plain, ...parts })).toBe(true);
});

it.each([
  ["many input files", { files: Array.from({ length: 60 }, (_, index) => file(String(index))) }],
  ["deep input files", { files: Array.from({ length: 4 }, () => file("d/".repeat(60))) }],
  ["a large input file", { files: [file("a", 2 ** 20)] }],
  ["a large stdin", { stdin: { path: "", content: new Uint8Array(2 ** 20) } }],
  [
    "a long PATH below a deep working directory",
    { path: ":".repeat(20), workdir: "/work" + "/a".repeat(60) },
  ],
  ["a PATH of deep folders", { path: `${"/a".repeat(60)}:`.repeat(5) }],
  ["a deep command", { command: `./${"a/".repeat(500)}` }],
])("hands %s to the thread for such", (_what, parts) => {
  expect(isQuick({ ...plain, ...parts })).toBe(false);
});

it("makes folders that files share once, and keeps the job's standard input where the job cannot write", async () => {
  await using folder = tempFolder();
  const work = join(folder.path, "work");
  mkdirSync(work);
  const stdin = { path: join(folder.path, "stdin"), content: Buffer.from("in") };
  const files = ["a/b/c", "a/b/d", "a/e"].map((name) => ({ name, content: Buffer.from(name) }));
  const program = await furnish({ ...plain, work, files, workdir: "/work/a/w", stdin });
  expect(program).toEqual({ path: "/usr/bin/true" });
  expect(files.map(({ name }) => readFileSync(join(work, name), "utf8"))).toEqual(["a/b/c", "a/b/d", "a/e"]);
  expect([existsSync(join(work, "a/w")), readFileSync(stdin.path, "utf8")]).toEqual([true, "in"]);
});

it("writes nothing into a folder that a job has had, where a link may lead anywhere", async () => {
  await using folder = tempFolder();
  const work = join(folder.path, "work");
  mkdirSync(work);
  const stdin = { path: join(folder.path, "stdin"), content: null };
  const left = { ...plain, work, files: [file("a")], workdir: "/work/made", isLeft: true, stdin };
  await furnish(left);
  expect(readdirSync(work)).toEqual([]);
});
