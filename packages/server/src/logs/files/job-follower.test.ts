import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { createManualClock, type ManualClock } from "../../lib/manual-clock.ts";
import type { Follower, LogChunk, LogStore } from "../log-store.ts";
import { createFileLogStore } from "./file-log-store.ts";
import { recordBytes } from "./output-record.ts";

const forever = new AbortController().signal;
const unlimited = { limitBytes: 0, onLimit: () => undefined };
const MiB = 2 ** 20;

let root: string;
let clock: ManualClock;
let store: LogStore;
let jobId: string;
let files: { stdout: string; stderr: string };

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "berth-follow-"));
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

async function firstChunk(): Promise<LogChunk | null> {
  for await (const chunk of store.read(jobId, { stream: "stdout", offset: 0, follow: true, signal: forever }))
    return chunk;
  return null;
}

/** A job whose stdout is its file, opened for appending, and which does to it as told. */
async function perl(program: string): Promise<void> {
  const out = openSync(files.stdout, "a+");
  const job = spawn("perl", ["-e", program], { stdio: ["ignore", out, "inherit"] });
  closeSync(out);
  await once(job, "exit");
}

function followWithLimit(limitBytes: number): { follower: Follower; reports: [string, number][] } {
  const reports: [string, number][] = [];
  const onLimit = (stream: string, bytes: number): void => void reports.push([stream, bytes]);
  return { follower: store.follow(jobId, { limitBytes, onLimit }), reports };
}

describe("following", () => {
  it("notices growth that comes in silence, once the watch is set", async () => {
    const follower = store.follow(jobId, unlimited);
    const first = firstChunk();
    await new Promise(setImmediate);
    appendFileSync(files.stdout, "x");
    expect(await first).toMatchObject({ offset: 0, at: clock.now() });
    await follower.finish();
  });

  it("notices growth without a watch, when the folder comes later", async () => {
    jobId = newId();
    const follower = store.follow(jobId, unlimited);
    const first = firstChunk();
    files = await store.create(jobId);
    appendFileSync(files.stdout, "late");
    await new Promise(setImmediate);
    clock.advance(250);
    expect(await first).toMatchObject({ data: Buffer.from("late") });
    await follower.finish();
  });

  it("watches again after a pause in the output", async () => {
    const follower = store.follow(jobId, unlimited);
    const reading = store.read(jobId, { stream: "stdout", offset: 0, follow: true, signal: forever });
    let expected = 0;
    appendFileSync(files.stdout, "x");
    for await (const chunk of reading) {
      expect(chunk.offset).toBe(expected++);
      if (expected === 5) break;
      await new Promise(setImmediate);
      // The look after the pause finds nothing new, and sets the watch.
      clock.advance(10);
      setImmediate(() => appendFileSync(files.stdout, "x"));
    }
    expect(clock.pending).toBeLessThanOrEqual(1);
    await follower.finish();
    expect(clock.pending).toBe(0);
  });

  it("allows one follower per job, and another after it", async () => {
    const follower = store.follow(jobId, unlimited);
    expect(() => store.follow(jobId, unlimited)).toThrow("has a follower");
    await follower.finish();
    await store.follow(jobId, unlimited).finish();
  });

  it("says when output last came", async () => {
    const follower = store.follow(jobId, unlimited);
    expect(follower.lastOutputAt).toBe(clock.monotonic());
    clock.advance(5000);
    appendFileSync(files.stderr, "x");
    await store.sizes(jobId);
    expect(follower.lastOutputAt).toBe(clock.monotonic());
    clock.advance(5000);
    await store.sizes(jobId);
    expect(follower.lastOutputAt).toBe(clock.monotonic() - 5000);
  });

  it("says when output last came, also of a job that it takes up long after its start", async () => {
    appendFileSync(files.stdout, "x");
    for (const path of Object.values(files)) utimesSync(path, clock.now() / 1000, clock.now() / 1000 - 50);
    const followSince = (agoMs: number): Follower =>
      store.follow(jobId, { ...unlimited, startedAt: clock.now() - agoMs });
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
    const follower = store.follow(jobId, unlimited);
    appendFileSync(files.stdout, "abc");
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
    let follower = store.follow(jobId, unlimited);
    for (const [stream, bytes] of [
      ["stdout", "a"],
      ["stderr", "B"],
      ["stdout", "c"],
      ["stdout", "d"],
    ] as const) {
      appendFileSync(files[stream], bytes);
      await store.sizes(jobId);
    }
    const reading = collect("all");
    reading.catch(() => undefined);
    await follower.detach();
    await expect(reading).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
    appendFileSync(files.stderr, "E");
    appendFileSync(files.stdout, "f");

    store = createFileLogStore({ root, clock });
    follower = store.follow(jobId, unlimited);
    expect((await text("all", false)).slice(0, 4)).toBe("aBcd");
    appendFileSync(files.stdout, "g");
    const before = text("all");
    await follower.finish();
    const whole = await before;
    expect(whole).toMatch(/^aBcd(Ef|fE)g$/);

    store = createFileLogStore({ root, clock });
    expect(await text("all")).toBe(whole);
    expect(await store.sizes(jobId)).toEqual({ stdout: 5, stderr: 2 });
  });

  it("knows of a job that has ended that nothing more comes", async () => {
    appendFileSync(files.stdout, "x");
    await store.follow(jobId, unlimited).finish();
    store = createFileLogStore({ root, clock });
    expect(await text("stdout", true)).toBe("x");
  });

  it("goes on behind what a crash of the host left torn", async () => {
    const first = store.follow(jobId, unlimited);
    appendFileSync(files.stdout, "ab");
    await first.detach();
    appendFileSync(join(files.stdout, "../index"), Buffer.alloc(recordBytes + 7));
    store = createFileLogStore({ root, clock });
    const second = store.follow(jobId, unlimited);
    appendFileSync(files.stderr, "c");
    expect(await second.finish()).toEqual({ stdout: 2, stderr: 1 });
    expect(await text("all")).toBe("abc");
  });
});

describe("the limit", () => {
  it("is noticed by a server that comes when the job is past it already", async () => {
    appendFileSync(files.stdout, "0123456789");
    const { reports } = followWithLimit(5);
    await Promise.resolve();
    expect(reports).toEqual([["stdout", 10]]);
  });

  it("is reported once, and nobody gets a byte more, now or later", async () => {
    const { follower, reports } = followWithLimit(10);
    const reading = text("stdout");
    appendFileSync(files.stdout, "0123456789");
    await store.sizes(jobId);
    expect(reports).toEqual([]);
    appendFileSync(files.stdout, "past");
    await store.sizes(jobId);
    appendFileSync(files.stderr, "x".repeat(50));
    expect(await store.sizes(jobId)).toEqual({ stdout: 10, stderr: 10 });
    expect(await follower.finish()).toEqual({ stdout: 10, stderr: 10 });
    expect(reports).toEqual([["stdout", 14]]);
    expect(await reading).toBe("0123456789");
    expect(statSync(files.stdout).size).toBe(10);
    expect(statSync(files.stderr).size).toBe(10);
  });

  it("ABUSE 9: is noticed at once when a job makes its file huge without writing", async () => {
    const { follower, reports } = followWithLimit(MiB);
    const first = firstChunk();
    await perl("truncate(STDOUT, 8 * 2**40) or die $!");
    expect(await first).toMatchObject({ offset: 0 });
    expect(reports).toEqual([["stdout", 8 * 2 ** 40]]);
    expect(await follower.finish()).toEqual({ stdout: MiB, stderr: 0 });
    expect((await collect("stdout")).reduce((sum, chunk) => sum + chunk.data.length, 0)).toBe(MiB);
    for await (const { bytes } of store.list()) expect(bytes).toBeLessThan(MiB);
  });
});

describe("ABUSE 9: room that a job takes behind the end of its output, where no size shows it,", () => {
  const takeRoom = (size: string): Promise<unknown[]> =>
    once(spawn("/usr/bin/fallocate", ["--keep-size", "--length", size, files.stdout]), "exit");

  it("counts as output past the limit, and is given back at the end", async () => {
    const { follower, reports } = followWithLimit(MiB);
    appendFileSync(files.stdout, "x");
    await takeRoom("2MiB");
    await store.sizes(jobId);
    expect(reports).toEqual([]);
    await takeRoom("8MiB");
    await store.sizes(jobId);
    expect(reports).toEqual([["stdout", statSync(files.stdout).blocks * 512]]);
    expect(await follower.finish()).toEqual({ stdout: 1, stderr: 0 });
    expect(statSync(files.stdout).size).toBe(1);
    expect(statSync(files.stdout).blocks * 512).toBeLessThan(MiB);
  });
});

describe("ABUSE 11: a job that truncates its own output", () => {
  it("holds up no reader: offsets stay, and what it took back reads as zeros", async () => {
    const follower = store.follow(jobId, unlimited);
    appendFileSync(files.stdout, "0123456789");
    expect(await store.sizes(jobId)).toEqual({ stdout: 10, stderr: 0 });
    await perl('truncate(STDOUT, 0); syswrite(STDOUT, "new")');
    expect(await store.sizes(jobId)).toEqual({ stdout: 10, stderr: 0 });
    expect(await text("stdout", false)).toBe("new" + "\0".repeat(7));
    clock.advance(200);
    appendFileSync(files.stderr, "!");
    expect(await store.sizes(jobId)).toEqual({ stdout: 10, stderr: 1 });
    await perl('syswrite(STDOUT, "-" x 9)');
    expect(await follower.finish()).toEqual({ stdout: 12, stderr: 1 });
    expect(await text("stdout")).toBe("new---------");
  });

  it("still counts as alive", async () => {
    const follower = store.follow(jobId, unlimited);
    appendFileSync(files.stdout, "0123456789");
    await store.sizes(jobId);
    clock.advance(1000);
    truncateSync(files.stdout, 4);
    await store.sizes(jobId);
    expect(follower.lastOutputAt).toBe(clock.monotonic());
  });
});
