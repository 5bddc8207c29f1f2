import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../test/support/temp-folder.ts";
import { mountedFiles } from "./mounted-files.ts";

/** As a Kubernetes volume lies there: `KEY -> ..data/KEY`, `..data -> ..2026_01`. */
function mount(root: string, name: string, of: { at: string; values: Record<string, string> }): void {
  const folder = join(root, name);
  mkdirSync(join(folder, of.at), { recursive: true });
  for (const [key, value] of Object.entries(of.values)) writeFileSync(join(folder, of.at, key), value);
  symlinkSync(of.at, join(folder, "..new"));
  renameSync(join(folder, "..new"), join(folder, "..data"));
}

const textOf = (values: ReadonlyMap<string, Uint8Array> | null): unknown =>
  values && Object.fromEntries([...values].map(([key, value]) => [key, Buffer.from(value).toString()]));

it("reads all keys of one moment by the one link that Kubernetes turns", async () => {
  await using folder = tempFolder();
  const source = mountedFiles(folder.path);
  mount(folder.path, "db", { at: "..2026_01", values: { user: "berth-1", password: "horse-1\n" } });
  symlinkSync("..data/user", join(folder.path, "db", "user"));
  expect(await source.list()).toEqual([{ name: "db", keys: ["password", "user"] }]);
  expect(textOf(await source.read("db"))).toEqual({ user: "berth-1", password: "horse-1\n" });
  mount(folder.path, "db", { at: "..2026_02", values: { user: "berth-2", password: "horse-2" } });
  expect(textOf(await source.read("db"))).toEqual({ user: "berth-2", password: "horse-2" });
});

it("reads plain files, follows no other link, and takes nothing for a secret that is none", async () => {
  await using folder = tempFolder();
  const { path } = folder;
  const source = mountedFiles(path);
  for (const name of ["plain", "linked", "Wrong_Name", "empty"]) mkdirSync(join(path, name));
  writeFileSync(join(path, "plain", "key"), "a value");
  writeFileSync(join(path, "plain", ".hidden"), "x");
  writeFileSync(join(path, "outside"), "not one");
  symlinkSync("../outside", join(path, "plain", "link"));
  symlinkSync("../plain", join(path, "linked", "..data"));
  symlinkSync("plain", join(path, "alias"));
  expect(await source.list()).toEqual([{ name: "plain", keys: ["key"] }]);
  expect(textOf(await source.read("plain"))).toEqual({ key: "a value" });
  for (const name of ["linked", "outside", "empty", "..", "alias/../plain"])
    expect(await source.read(name)).toBeNull();
  expect(await mountedFiles(join(path, "nowhere")).list()).toEqual([]);
});

it("refuses what is beyond the bounds, by the name of its key", async () => {
  await using folder = tempFolder();
  mkdirSync(join(folder.path, "db"));
  writeFileSync(join(folder.path, "db", "key"), Buffer.alloc(16 * 1024 + 1, 65));
  await expect(mountedFiles(folder.path).read("db")).rejects.toMatchObject({
    code: "SECRET_NOT_FOUND",
    message: 'Cannot read mounted secret "db": key "key" is larger than 16384 bytes',
  });
});
