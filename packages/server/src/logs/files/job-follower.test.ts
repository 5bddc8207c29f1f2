import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { createManualClock, type ManualClock } from "../../lib/manual-clock.ts";
import { RecordedOutput } from "../../../test/support/recorded-output.ts";
import { recordBytes } from "../../core/output/output-record.ts";
import type { Follower, LogChunk, LogStore, OutputFiles } from "../log-store.ts";
import { createFileLogStore } from "./file-log-store.ts";

const forever = new AbortController().signal;

let root: string;
let clock: ManualClock;
let store: LogStore;
let jobId: string;
let files: OutputFiles;
let output: RecordedOutput;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "berth-follow-"));
  clock = createManualClock();
  // A clock that stands still: growth is noticed by the kernel's watch or because somebody asks, never by a timer.
  store = createFileLogStore({ root, clock });
  jobId = newId();
  files = await store.create(jobId);
  output = new RecordedOutput(files, clock);
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

async function firstChunk(): Promise<LogChunk | null> {
  for await (const chunk of store.read(jobId, { stream: "stdout", offset: 0, follow: true, signal: forever }))
    return chunk;
  return null;
}

describe("following", () => {
  it("notices growth that comes in silence, once the watch is set", async () => {
    const follower = store.follow(jobId);
    const first = firstChunk();
    await new Promise(setImmediate);
    output.append("stdout", "x");
    expect(await first).toMatchObject({ offset: 0, at: clock.now() });
    await follower.finish();
  });

  it("notices growth without a watch, when the index comes later", async () => {
    jobId = newId();
    const follower = store.follow(jobId);
    const first = firstChunk();
    files = await store.create(jobId);
    new RecordedOutput(files, clock).append("stdout", "late");
    await new Promise(setImmediate);
    clock.advance(250);
    expect(await first).toMatchObject({ data: Buffer.from("late") });
    await follower.finish();
  });

  it("watches again after a pause in the output", async () => {
    const follower = store.follow(jobId);
    const reading = store.read(jobId, { stream: "stdout", offset: 0, follow: true, signal: forever });
    let expected = 0;
    output.append("stdout", "x");
    for await (const chunk of reading) {
      expect(chunk.offset).toBe(expected++);
      if (expected === 5) break;
      await new Promise(setImmediate);
      // The look after the pause finds nothing new, and sets the watch.
      clock.advance(10);
      setImmediate(() => output.append("stdout", "x"));
    }
    expect(clock.pending).toBeLessThanOrEqual(1);
    await follower.finish();
    expect(clock.pending).toBe(0);
  });

  it("allows one follower per job, and another after it", async () => {
    const follower = store.follow(jobId);
    expect(() => store.follow(jobId)).toThrow("has a follower");
    await follower.finish();
    await store.follow(jobId).finish();
  });

  it("says when output last came", async () => {
    const follower = store.follow(jobId);
    expect(follower.lastOutputAt).toBe(clock.monotonic());
    clock.advance(5000);
    output.append("stderr", "x");
    await store.sizes(jobId);
    expect(follower.lastOutputAt).toBe(clock.monotonic());
    clock.advance(5000);
    await store.sizes(jobId);
    expect(follower.lastOutputAt).toBe(clock.monotonic() - 5000);
  });

  it("says when output last came, also of a job that it takes up long after its start", async () => {
    output.append("stdout", "x");
    utimesSync(files.index, clock.now() / 1000, clock.now() / 1000 - 50);
    const followSince = (agoMs: number): Follower => store.follow(jobId, { startedAt: clock.now() - agoMs });
    for (const [startedAgo, quietFor] of [
      [100_000, 50_000],
      [20_000, 20_000],
      [0, 0],
    ] as const) {
      const follower = followSince(startedAgo);
      expect(follower.lastOutputAt).toBeCloseTo(clock.monotonic() - quietFor, -1);
      await follower.detach();
    }
  });

  it("counts the same at the end, however often it is asked", async () => {
    const follower = store.follow(jobId);
    output.append("stdout", "abc");
    const sizes = { stdout: 3, stderr: 0 };
    const asked = Array.from({ length: 50 }, () => follower.finish());
    expect(await Promise.all(asked)).toEqual(asked.map(() => sizes));
    for (const _ of asked) expect(await follower.finish()).toEqual(sizes);
    await follower.detach();
    expect(await store.sizes(jobId)).toEqual(sizes);
  });
});

describe("a restart of the server", () => {
  it("ends readers with SHUTTING_DOWN and keeps every byte and the order already shown", async () => {
    let follower = store.follow(jobId);
    for (const [stream, bytes] of [
      ["stdout", "a"],
      ["stderr", "B"],
      ["stdout", "c"],
      ["stdout", "d"],
    ] as const) {
      output.append(stream, bytes);
      await store.sizes(jobId);
    }
    const reading = collect("all");
    reading.catch(() => undefined);
    await follower.detach();
    await expect(reading).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
    output.append("stderr", "E");
    output.append("stdout", "f");

    store = createFileLogStore({ root, clock });
    follower = store.follow(jobId);
    expect((await text("all", false)).slice(0, 4)).toBe("aBcd");
    output.append("stdout", "g");
    const before = text("all");
    await follower.finish();
    const whole = await before;
    expect(whole).toMatch(/^aBcd(Ef|fE)g$/);

    store = createFileLogStore({ root, clock });
    expect(await text("all")).toBe(whole);
    expect(await store.sizes(jobId)).toEqual({ stdout: 5, stderr: 2 });
  });

  it("knows of a job that has ended that nothing more comes", async () => {
    output.append("stdout", "x");
    await store.follow(jobId).finish();
    store = createFileLogStore({ root, clock });
    expect(await text("stdout", true)).toBe("x");
  });

  it("goes on behind what a crash of the host left torn", async () => {
    const first = store.follow(jobId);
    output.append("stdout", "ab");
    await first.detach();
    appendFileSync(files.index, Buffer.alloc(recordBytes + 7));
    store = createFileLogStore({ root, clock });
    const second = store.follow(jobId);
    output.append("stderr", "c");
    expect(await second.finish()).toEqual({ stdout: 2, stderr: 1 });
    expect(await text("all")).toBe("abc");
  });
});

describe("what lies behind the index when a job has ended", () => {
  it("is recorded once, in the order in which the files were written last", async () => {
    const follower = store.follow(jobId);
    const reading = text("all");
    output.append("stdout", "a");
    appendFileSync(files.stdout, "c");
    appendFileSync(files.stderr, "B");
    utimesSync(files.stderr, 1, 1);
    expect(await store.sizes(jobId)).toEqual({ stdout: 1, stderr: 0 });
    expect(await follower.finish()).toEqual({ stdout: 2, stderr: 1 });
    expect(await reading).toBe("aBc");
    expect(await store.follow(jobId).finish()).toEqual({ stdout: 2, stderr: 1 });
    expect(statSync(files.index).size).toBe(2 * recordBytes);
  });

  it("is not shown before the end: its engine may be about to record it", async () => {
    const follower = store.follow(jobId);
    output.append("stdout", "a");
    appendFileSync(files.stdout, "b");
    clock.advance(10_000);
    expect(await text("stdout", false)).toBe("a");
    await follower.detach();
    store = createFileLogStore({ root, clock });
    expect(await text("stdout", false)).toBe("a");
  });
});

describe("bytes that the index names and the file has not, as after a crash of the host,", () => {
  it("read as zeros, so that offsets hold", async () => {
    output.append("stdout", "0123456789");
    truncateSync(files.stdout, 4);
    await store.follow(jobId).finish();
    expect(await text("stdout")).toBe("0123\0\0\0\0\0\0");
  });
});
