import { appendFileSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import { createManualClock, type ManualClock } from "../../lib/manual-clock.ts";
import { RecordedOutput } from "../../../test/support/recorded-output.ts";
import type { LogChunk, LogStore, OutputFiles } from "../log-store.ts";
import { createFileLogStore } from "./file-log-store.ts";

const forever = new AbortController().signal;

let root: string;
let clock: ManualClock;
let store: LogStore;
let jobId: string;
let files: OutputFiles;
let output: RecordedOutput;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "berth-index-"));
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

describe("the index", () => {
  it("is found again from any offset, also when it is long", async () => {
    store.follow(jobId);
    let expected = "";
    for (let count = 0; count < 1000; count += 1) {
      const stream = count % 3 === 0 ? "stderr" : "stdout";
      output.append(stream, `${count},`);
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

  it("ABUSE 13: that cannot be read ends no server, nor one to which the rest cannot be added at the end: it is tried again", async () => {
    const follower = store.follow(jobId);
    rmSync(files.index);
    mkdirSync(files.index);
    const reading = text("stdout");
    appendFileSync(files.stdout, "x");
    expect(await store.sizes(jobId)).toEqual({ stdout: 0, stderr: 0 });
    await expect(follower.finish()).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    rmdirSync(files.index);
    expect(await follower.finish()).toEqual({ stdout: 1, stderr: 0 });
    expect(await reading).toBe("x");
  });
});
