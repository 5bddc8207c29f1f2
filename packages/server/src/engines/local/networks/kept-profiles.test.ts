import { linkSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { closedRules, internetRules } from "../../../core/network/profile.ts";
import { KeptProfiles } from "./kept-profiles.ts";
import { Table } from "./table.ts";

const [whole, other] = [`p${"0".repeat(31)}a`, `p${"0".repeat(31)}b`];

it("keeps rules for the next server", async () => {
  await using folder = tempFolder();
  const kept = new KeptProfiles(join(folder.path, "networks"));
  expect(kept.read(unexpected).size).toBe(0);
  kept.keep(whole, internetRules);
  kept.keep(other, closedRules);
  kept.forget(other);
  kept.forget(other);
  expect(kept.read(unexpected)).toEqual(new Map([[whole, internetRules]]));
});

it("never writes over rules that it keeps: a kill in the midst of it leaves them whole", async () => {
  await using folder = tempFolder();
  const kept = new KeptProfiles(folder.path);
  kept.keep(whole, internetRules);
  const file = join(folder.path, `${whole}.json`);
  linkSync(file, join(folder.path, "the same file"));
  // What a server that was killed while it wrote has left.
  writeFileSync(`${file}.new`, '{"isPu');
  expect(kept.read(unexpected)).toEqual(new Map([[whole, internetRules]]));
  kept.keep(whole, closedRules);
  expect(kept.read(unexpected)).toEqual(new Map([[whole, closedRules]]));
  // Another took its place: what was there before was not touched at any moment.
  expect(JSON.parse(readFileSync(join(folder.path, "the same file"), "utf8"))).toEqual(internetRules);
});

it.each(["", '{"isPublic":tr', "null", "[]", "7"])(
  "passes over a file that holds %j, tells of it once, and lets the server start",
  async (text) => {
    await using folder = tempFolder();
    new KeptProfiles(folder.path).keep(other, internetRules);
    writeFileSync(join(folder.path, `${whole}.json`), text);
    const notices: unknown[] = [];
    const open = () =>
      new Table({
        server: "t",
        range4: "10.88.0.0/16",
        range6: null,
        gateway: "10.88.0.1",
        resolverPort: 5399,
        folder: folder.path,
        sync: () => Promise.resolve(),
        onNotice: (notice, { file }) => void notices.push([notice, file]),
      });
    expect(open().rulesOf(`${other.slice(1)}`)).toEqual(internetRules);
    const told = [expect.stringMatching(/were not kept whole/), join(folder.path, `${whole}.json`)];
    expect(notices).toEqual([told]);
    expect(open().rulesOf(`${whole.slice(1)}`)).toBeNull();
    expect(notices).toEqual([told]);
  },
);

function unexpected(file: string, why: string): never {
  throw new Error(`${file}: ${why}`);
}
