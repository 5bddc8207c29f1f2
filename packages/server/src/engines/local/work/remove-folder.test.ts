import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { removeFolder } from "./remove-folder.ts";

/** A folder with these files, and who removes it elsewhere. */
function made(
  root: string,
  files: number,
): { path: string; asked: () => number; remove: () => Promise<boolean> } {
  const path = join(root, "work");
  mkdirSync(path);
  for (let index = 0; index < files; index += 1) writeFileSync(join(path, `${"f".repeat(200)}${index}`), "");
  let asked = 0;
  return { path, asked: () => asked, remove: async () => (asked += 1) === 1 };
}

it.each([0, 1, 64])("removes a folder of %i files here and now", async (files) => {
  await using root = tempFolder();
  const { path, asked, remove } = made(root.path, files);
  await removeFolder(path, remove);
  expect([existsSync(path), asked()]).toEqual([false, 0]);
});

it("leaves one of more files to another process, and removes it itself where that cannot", async () => {
  await using root = tempFolder();
  const { path, asked, remove } = made(root.path, 65);
  await removeFolder(path, remove);
  expect([existsSync(path), asked()]).toEqual([true, 1]);
  await removeFolder(path, async () => false);
  expect(existsSync(path)).toBe(false);
});

it("does not make a list of all that lies in a full folder", async () => {
  await using root = tempFolder();
  const { path, asked } = made(root.path, 10_000);
  const leave = async (): Promise<boolean> => true;
  /** The least CPU of several times: what else the host does only adds to it. */
  const takes = async (work: () => unknown): Promise<number> => {
    const found: number[] = [];
    for (let time = 0; time < 9; time += 1) {
      const before = process.threadCpuUsage();
      await work();
      const { user, system } = process.threadCpuUsage(before);
      found.push(user + system);
    }
    return Math.min(...found);
  };
  const list = await takes(() => readdirSync(path, { withFileTypes: true }));
  expect(await takes(() => removeFolder(path, leave))).toBeLessThan(list / 2);
  expect([existsSync(path), asked()]).toEqual([true, 0]);
});

it("does not go through a folder here and now that was full once", async (test) => {
  await using root = tempFolder();
  const { path, asked, remove } = made(root.path, 500);
  for (const name of readdirSync(path)) rmSync(join(path, name));
  test.skip(statSync(path).size < 2 ** 16, "folders of this file system become small again");
  const removed = removeFolder(path, remove);
  expect(existsSync(path)).toBe(true);
  await removed;
  expect([existsSync(path), asked()]).toEqual([false, 0]);
});
