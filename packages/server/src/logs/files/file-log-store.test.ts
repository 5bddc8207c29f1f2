import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OutputStream } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { RecordedOutput } from "../../../test/support/recorded-output.ts";
import type { Follower, LogChunk, LogStore, OutputFiles } from "../log-store.ts";
import { createFileLogStore } from "./file-log-store.ts";

const forever = new AbortController().signal;

let root: string;
let store: LogStore;
let jobId: string;
let files: OutputFiles;
let output: RecordedOutput;
let follower: Follower;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "berth-store-"));
  store = createFileLogStore({ root: join(root, "logs") });
  jobId = newId();
  files = await store.create(jobId);
  output = new RecordedOutput(files);
  follower = store.follow(jobId);
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

function read(
  stream: OutputStream,
  { offset = 0, follow = true, signal = forever } = {},
): AsyncIterable<LogChunk> {
  return store.read(jobId, { stream, offset, follow, signal });
}

async function collect(chunks: AsyncIterable<LogChunk>): Promise<LogChunk[]> {
  const all: LogChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

describe("head and tail", () => {
  it("give the start and the end of one stream", async () => {
    output.append("stdout", "0123456789");
    expect(Buffer.from(await store.head(jobId, "stdout", 3)).toString()).toBe("012");
    expect(Buffer.from(await store.tail(jobId, "stdout", 3)).toString()).toBe("789");
    expect((await store.tail(jobId, "stdout", 100)).length).toBe(10);
    expect((await store.head(jobId, "stderr", 100)).length).toBe(0);
  });
});

describe("ids", () => {
  it.each(["../../etc", "", ".", "01a1fbb1-8787-76ef-bb91-bdefba010b55/.."])(
    "that are none never become a path: %j",
    async (id) => {
      await expect(store.create(id)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
      expect(() => store.follow(id)).toThrow(expect.objectContaining({ code: "JOB_NOT_FOUND" }));
      expect(await store.sizes(id)).toEqual({ stdout: 0, stderr: 0 });
      await store.delete(id);
      expect(existsSync(files.stdout)).toBe(true);
    },
  );
});

describe("delete", () => {
  it("removes one job's folder, twice without complaint, and no target of a link", async () => {
    const outside = join(root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "stdout"), "kept");
    const linked = newId();
    symlinkSync(outside, join(root, "logs", linked));
    await store.delete(linked);
    output.append("stdout", "gone");
    await follower.finish();
    await store.delete(jobId);
    await store.delete(jobId);
    expect(await store.sizes(jobId)).toEqual({ stdout: 0, stderr: 0 });
    expect(readdirSync(join(root, "logs")).filter((name) => name !== "ready")).toEqual([]);
    expect(readFileSync(join(outside, "stdout"), "utf8")).toBe("kept");
  });

  it("ends readers that wait", async () => {
    await follower.detach();
    const other = newId();
    jobId = other;
    await store.create(other);
    const waiting = collect(read("all"));
    await new Promise(setImmediate);
    await store.delete(other);
    expect(await waiting).toEqual([]);
  });
});

describe("create and list", () => {
  it("keep files that only the server may open, and what is in them over a second create", async () => {
    output.append("stdout", "kept");
    expect(await store.create(jobId)).toEqual(files);
    expect(readFileSync(files.stdout, "utf8")).toBe("kept");
    expect(statSync(files.stdout).mode & 0o777).toBe(0o600);
    expect(statSync(join(files.stdout, "..")).mode & 0o777).toBe(0o700);
  });

  it("count blocks on disk, and only what is a job's", async () => {
    mkdirSync(join(root, "logs", "lost+found"));
    output.append("stdout", "x".repeat(10_000));
    const listed: { jobId: string; bytes: number }[] = [];
    for await (const entry of store.list()) listed.push(entry);
    expect(listed.map((entry) => entry.jobId)).toEqual([jobId]);
    expect(listed[0]?.bytes).toBeGreaterThanOrEqual(10_000);
  });
});
