import { appendFileSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { createManualClock, type ManualClock } from "../../lib/manual-clock.ts";
import type { LogChunk, LogStore } from "../log-store.ts";
import { createFileLogStore } from "./file-log-store.ts";
import { appendRecord } from "./index-file.ts";
import { recordBytes } from "./output-record.ts";

const forever = new AbortController().signal;
const unlimited = { limitBytes: 0, onLimit: () => undefined };

let root: string;
let clock: ManualClock;
let store: LogStore;
let jobId: string;
let files: { stdout: string; stderr: string };

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "berth-index-"));
  clock = createManualClock();
  // A clock that stands still: growth is noticed by the kernel's watch or because somebody asks, never by a timer.
  store = createFileLogStore({ root, clock });
  jobId = newId();
  files = await store.create(jobId);
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

async function collect(stream: "stdout" | "stderr" | "all", follow = true): Promise<LogChunk[]> {
  const chunks: LogChunk[] = [];
  for await (const chunk of store.read(jobId, { stream, offset: 0, follow, signal: forever }))
    chunks.push(chunk);
  return chunks;
}

async function text(stream: "stdout" | "stderr" | "all", follow = true): Promise<string> {
  return Buffer.concat((await collect(stream, follow)).map((chunk) => chunk.data)).toString();
}

function records(): number {
  return statSync(join(files.stdout, "../index")).size / recordBytes;
}

describe("the index", () => {
  it("adds what one stream writes within 100 ms to one record", async () => {
    store.follow(jobId, unlimited);
    for (let ms = 0; ms < 1000; ms += 10) {
      appendFileSync(files.stdout, "x");
      await store.sizes(jobId);
      clock.advance(10);
    }
    expect(records()).toBe(10);
    expect(new Set((await collect("all", false)).map((chunk) => chunk.at)).size).toBe(10);
  });

  it("measures that by time that passed, not by the clock on the wall", async () => {
    store.follow(jobId, unlimited);
    appendFileSync(files.stdout, "x");
    await store.sizes(jobId);
    clock.step(-86_400_000);
    clock.advance(200);
    appendFileSync(files.stdout, "x");
    await store.sizes(jobId);
    expect(records()).toBe(2);
  });

  it("never puts bytes before others that were shown already", async () => {
    store.follow(jobId, unlimited);
    const shown: string[] = [];
    for (const [stream, bytes] of [
      ["stderr", "a"],
      ["stdout", "b"],
      ["stderr", "c"],
      ["stderr", "d"],
      ["stdout", "e"],
    ] as const) {
      appendFileSync(files[stream], bytes);
      shown.push(await text("all", false));
    }
    expect(shown).toEqual(["a", "ab", "abc", "abcd", "abcde"]);
  });

  it("of a long job takes new records only now and then, and all at the end", async () => {
    const index = join(files.stdout, "../index");
    for (let count = 0; count < 8192; count += 1) {
      const end = { stdout: count + 1, stderr: 0 };
      appendRecord(index, count, { at: 1, first: "stdout", start: end, end });
    }
    appendFileSync(files.stdout, "x".repeat(8192));
    const follower = store.follow(jobId, unlimited);
    const grow = async (): Promise<number> => {
      for (const stream of ["stdout", "stderr"] as const) appendFileSync(files[stream], "y");
      await store.sizes(jobId);
      return records();
    };
    expect(await grow()).toBe(8193);
    expect(await grow()).toBe(8193);
    clock.advance(10);
    expect(await grow()).toBe(8194);
    await grow();
    expect(await follower.finish()).toEqual({ stdout: 8196, stderr: 4 });
    expect(await text("all")).toHaveLength(8200);
    expect(await text("stderr")).toBe("yyyy");
  });

  it("is found again from any offset, also when it is long", async () => {
    store.follow(jobId, unlimited);
    let expected = "";
    for (let count = 0; count < 1000; count += 1) {
      const stream = count % 3 === 0 ? "stderr" : "stdout";
      appendFileSync(files[stream], `${count},`);
      expected += `${count},`;
      await store.sizes(jobId);
    }
    for (let offset = 0; offset < expected.length; offset += 37) {
      let found = "";
      for await (const chunk of store.read(jobId, {
        stream: "all",
        offset,
        follow: false,
        signal: forever,
      })) {
        found += Buffer.from(chunk.data).toString();
        if (found.length > 600) break;
      }
      expect(expected.slice(offset).startsWith(found)).toBe(true);
      expect(found.length).toBeGreaterThan(0);
    }
  });

  it("ABUSE 13: that cannot be written ends no server: the end of the job reports it, and is recorded when it can be", async () => {
    const follower = store.follow(jobId, unlimited);
    rmSync(join(files.stdout, "../index"));
    mkdirSync(join(files.stdout, "../index"));
    const reading = text("stdout");
    appendFileSync(files.stdout, "x");
    expect(await store.sizes(jobId)).toEqual({ stdout: 0, stderr: 0 });
    await expect(follower.finish()).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    rmdirSync(join(files.stdout, "../index"));
    expect(await follower.finish()).toEqual({ stdout: 1, stderr: 0 });
    expect(await reading).toBe("x");
  });
});
