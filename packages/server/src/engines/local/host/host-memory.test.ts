import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TempFolder, tempFolder } from "../../../../test/support/temp-folder.ts";
import { HostMemory } from "./host-memory.ts";

let folder: TempFolder;
let places: { run: string; engine: string };

beforeEach(() => {
  folder = tempFolder();
  places = { run: join(folder.path, "run"), engine: join(folder.path, "engine") };
  for (const place of Object.values(places)) mkdirSync(place);
});
afterEach(() => folder[Symbol.asyncDispose]());

const open = (bootId = "boot-1"): HostMemory => new HostMemory({ ...places, bootId });

/** As a restart of the host does it: what lay in memory is gone. */
function emptyMemory(): void {
  rmSync(places.run, { recursive: true });
  mkdirSync(places.run);
}

describe("the host", () => {
  it("has forgotten nothing when no server was there before, nor when one was", () => {
    expect(open().forgotten).toBe(false);
    expect(open().forgotten).toBe(false);
  });

  it("has forgotten all when what lay in memory is gone", () => {
    open();
    emptyMemory();
    expect(open().forgotten).toBe(true);
  });

  it("has forgotten all when what lay there comes from another folder of data", () => {
    open();
    emptyMemory();
    new HostMemory({ run: places.run, engine: folder.path, bootId: "boot-1" });
    expect(open().forgotten).toBe(true);
  });

  it("has forgotten all after another boot, also where that folder lies on the disk and is still there", () => {
    open("boot-1");
    expect(open("boot-2").forgotten).toBe(true);
  });

  it("goes on having forgotten until it is told to remember, however often a server comes and dies", () => {
    open();
    emptyMemory();
    for (const _ of [1, 2, 3]) expect(open().forgotten).toBe(true);
    const memory = open();
    memory.remember();
    expect(memory.forgotten).toBe(false);
    expect(open().forgotten).toBe(false);
  });

  it("has forgotten all again after the next restart", () => {
    for (const _ of [1, 2, 3]) {
      open().remember();
      expect(open().forgotten).toBe(false);
      emptyMemory();
      expect(open().forgotten).toBe(true);
    }
  });

  it("has forgotten nothing when the last server left nothing behind", () => {
    open().leave();
    emptyMemory();
    expect(readdirSync(places.engine)).toEqual([]);
    expect(open().forgotten).toBe(false);
  });

  it("has still forgotten all when a server leaves before it was told to remember", () => {
    open();
    emptyMemory();
    open().leave();
    emptyMemory();
    expect(open().forgotten).toBe(true);
  });
});
