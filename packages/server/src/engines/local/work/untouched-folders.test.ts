import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { UntouchedFolders } from "./untouched-folders.ts";

const temp = tempFolder();
afterAll(() => temp[Symbol.asyncDispose]());

const root = join(temp.path, "jobs");
const path = join(root, "job-1");
beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(path, { recursive: true, mode: 0o755 });
});

const canTell = ((): boolean => {
  mkdirSync(path, { recursive: true });
  using folders = new UntouchedFolders(root);
  return folders.stamp(path) !== null;
})();
if (!canTell) console.log("SKIPPED: folders used again, because changes here share one time");

describe.skipIf(!canTell)("a job's own folder", () => {
  it("is given to another job when nobody touched it", () => {
    using folders = new UntouchedFolders(root);
    const { ino } = statSync(path);
    expect(folders.keep(path, folders.stamp(path))).toBe(true);
    expect(existsSync(path)).toBe(false);
    const taken = folders.take();
    expect(taken && statSync(taken).ino).toBe(ino);
    expect(folders.take()).toBeNull();
  });

  const file = join(path, "note");
  it.each([
    { what: "a file was made and removed", touch: () => (writeFileSync(file, "x"), rmSync(file)) },
    {
      what: "its mode was changed and set back",
      touch: () => (chmodSync(path, 0o700), chmodSync(path, 0o755)),
    },
    { what: "its times were set", touch: () => utimesSync(path, 1, 1) },
  ])("is not given to another when $what", ({ touch }) => {
    using folders = new UntouchedFolders(root);
    const stamp = folders.stamp(path);
    touch();
    expect(folders.keep(path, stamp)).toBe(false);
    expect(folders.take()).toBeNull();
  });

  it("is not given to another with what was put into it beforehand", () => {
    writeFileSync(file, "input");
    using folders = new UntouchedFolders(root);
    expect(folders.keep(path, folders.stamp(path))).toBe(false);
    expect(readdirSync(path)).toEqual(["note"]);
  });

  it("is not given to another when nobody knows how it was before, or it is not there", () => {
    using folders = new UntouchedFolders(root);
    const stamp = folders.stamp(path);
    expect(folders.keep(path, null)).toBe(false);
    expect(folders.keep(join(root, "job-2"), stamp)).toBe(false);
  });

  it("goes with the server", () => {
    const folders = new UntouchedFolders(root);
    folders.keep(path, folders.stamp(path));
    folders[Symbol.dispose]();
    expect(readdirSync(root)).toEqual([]);
  });
});
