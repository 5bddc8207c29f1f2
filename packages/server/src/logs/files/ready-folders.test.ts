import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TempFolder, tempFolder } from "../../../test/support/temp-folder.ts";
import { createManualClock, type ManualClock } from "../../lib/manual-clock.ts";
import { ReadyFolders } from "./ready-folders.ts";

let temp: TempFolder;
let clock: ManualClock;
beforeEach(() => {
  temp = tempFolder();
  clock = createManualClock(0);
});
afterEach(() => temp[Symbol.asyncDispose]());

const open = () => new ReadyFolders({ root: temp.path, files: ["stdout", "index"], clock });
const waiting = (): string[] => readdirSync(join(temp.path, "ready"));
const restock = (): void => {
  for (let n = 0; n < 20; n += 1) clock.advance(10);
};

describe("folders that are ready", () => {
  it("are made ahead, a few and no more, for the owner's eyes only", () => {
    using ready = open();
    restock();
    expect(waiting()).toHaveLength(8);
    const path = join(temp.path, "job");
    expect(ready.take(path)).toBe(true);
    expect(readdirSync(path).toSorted()).toEqual(["index", "stdout"]);
    expect([statSync(path).mode & 0o777, statSync(join(path, "stdout")).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    restock();
    expect(waiting()).toHaveLength(8);
  });

  it("are given to nobody twice, and nobody waits for one", () => {
    using ready = open();
    expect(ready.take(join(temp.path, "early"))).toBe(false);
    restock();
    const taken = Array.from({ length: 10 }, (_, n) => ready.take(join(temp.path, `job${n}`)));
    expect(taken.filter(Boolean)).toHaveLength(8);
  });

  it("never replace what a job has already", () => {
    using ready = open();
    restock();
    const path = join(temp.path, "job");
    mkdirSync(path);
    writeFileSync(join(path, "stdout"), "said");
    expect(ready.take(path)).toBe(false);
    expect(statSync(join(path, "stdout")).size).toBe(4);
    expect(ready.take(join(temp.path, "other"))).toBe(true);
  });

  it("of an earlier server are thrown away", () => {
    {
      using _first = open();
      restock();
    }
    writeFileSync(join(temp.path, "ready", "0", "stdout"), "old");
    using _second = open();
    expect(waiting()).toEqual([]);
    expect(existsSync(join(temp.path, "ready"))).toBe(true);
  });

  it("are made again once they can be, after the fault was told of once", () => {
    const reports: string[] = [];
    const report = (what: string): void => void reports.push(what);
    using ready = new ReadyFolders({ root: temp.path, files: ["stdout"], clock, report });
    // What stands where the folder was can neither take a new one nor be cleaned up.
    const folder = join(temp.path, "ready");
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
    for (let second = 0; second < 5; second += 1) clock.advance(1000);
    expect(reports).toEqual(["Cannot make output folders ahead, it is tried again"]);
    rmSync(folder);
    mkdirSync(folder);
    clock.advance(1000);
    restock();
    expect(waiting()).toHaveLength(8);
    expect(ready.take(join(temp.path, "job"))).toBe(true);
  });

  it("leave no timer behind", () => {
    const { pending } = clock;
    const ready = open();
    ready[Symbol.dispose]();
    expect(clock.pending).toBe(pending);
  });
});
