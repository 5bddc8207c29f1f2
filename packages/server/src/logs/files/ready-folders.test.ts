import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
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
const restocked = async (ready: ReadyFolders): Promise<void> => {
  clock.advance(30);
  await vi.waitFor(() => expect(ready.count).toBe(8), { timeout: 60_000 });
};

describe("folders that are ready", () => {
  it("are made ahead, a few and no more, for the owner's eyes only", async () => {
    await using ready = open();
    await restocked(ready);
    expect(waiting()).toHaveLength(8);
    const path = join(temp.path, "job");
    expect(ready.take(path)).toBe(true);
    expect(readdirSync(path).toSorted()).toEqual(["index", "stdout"]);
    expect([statSync(path).mode & 0o777, statSync(join(path, "stdout")).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    await restocked(ready);
    expect(waiting()).toHaveLength(8);
  });

  it("are given to nobody twice, and nobody waits for one", async () => {
    await using ready = open();
    expect(ready.take(join(temp.path, "early"))).toBe(false);
    await restocked(ready);
    const taken = Array.from({ length: 10 }, (_, n) => ready.take(join(temp.path, `job${n}`)));
    expect(taken.filter(Boolean)).toHaveLength(8);
  });

  it("never replace what a job has already", async () => {
    await using ready = open();
    await restocked(ready);
    const path = join(temp.path, "job");
    mkdirSync(path);
    writeFileSync(join(path, "stdout"), "said");
    expect(ready.take(path)).toBe(false);
    expect(statSync(join(path, "stdout")).size).toBe(4);
    expect(ready.take(join(temp.path, "other"))).toBe(true);
  });

  it("of an earlier server are thrown away", async () => {
    {
      await using first = open();
      await restocked(first);
    }
    writeFileSync(join(temp.path, "ready", "0", "stdout"), "old");
    await using _second = open();
    expect(waiting()).toEqual([]);
    expect(existsSync(join(temp.path, "ready"))).toBe(true);
  });

  it("are made again once they can be, after the fault was told of once", async () => {
    const reports: string[] = [];
    const report = (what: string): void => void reports.push(what);
    await using ready = new ReadyFolders({ root: temp.path, files: ["stdout"], clock, report });
    // What stands where the folder was can neither take a new one nor be cleaned up.
    const folder = join(temp.path, "ready");
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
    for (let second = 0; second < 5; second += 1) {
      clock.advance(1000);
      // It is tried again later, once it has failed.
      await vi.waitFor(() => expect(clock.pending).toBe(1), { timeout: 60_000 });
    }
    expect(reports).toEqual(["Cannot make output folders ahead, it is tried again"]);
    rmSync(folder);
    mkdirSync(folder);
    clock.advance(1000);
    await restocked(ready);
    expect(waiting()).toHaveLength(8);
    expect(ready.take(join(temp.path, "job"))).toBe(true);
  });

  it("are made while the event loop goes on", async () => {
    await using ready = open();
    clock.advance(30);
    expect(ready.count).toBe(0);
    await restocked(ready);
  });

  it("are not made any more once it is closed", async () => {
    const ready = open();
    clock.advance(30);
    await ready[Symbol.asyncDispose]();
    // The one that was being made.
    expect(waiting().length).toBeLessThanOrEqual(1);
    ready.take(join(temp.path, "late"));
    expect(clock.pending).toBe(0);
  });

  it("leave no timer behind", async () => {
    const { pending } = clock;
    const ready = open();
    await ready[Symbol.asyncDispose]();
    expect(clock.pending).toBe(pending);
  });
});
