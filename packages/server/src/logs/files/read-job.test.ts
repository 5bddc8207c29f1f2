import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { getEventListeners, once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
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
  root = mkdtempSync(join(tmpdir(), "berth-logs-"));
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

interface Writer {
  stdin: Writable;
  done: Promise<unknown>;
}

/** A real process, whose output is recorded as it comes. */
function startWriter(command: string, args: readonly string[]): Writer {
  const out = openSync(files.stdout, "a");
  const err = openSync(files.stderr, "a");
  const writer = spawn(command, args, { stdio: ["pipe", out, err] });
  closeSync(out);
  closeSync(err);
  if (!writer.stdin) throw new Error("The writer has no stdin");
  return { stdin: writer.stdin, done: output.during(once(writer, "exit")) };
}

async function ended(writer: Writer): Promise<void> {
  writer.stdin.end();
  await writer.done;
}

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

const bytesOf = (chunks: readonly LogChunk[]): Buffer => Buffer.concat(chunks.map((chunk) => chunk.data));
const onlyOf = (chunks: readonly LogChunk[], stream: "stdout" | "stderr"): LogChunk[] =>
  chunks.filter((chunk) => chunk.stream === stream);

/** Both streams at once, in pieces of odd sizes. */
const both = `
  open(my $in, "<:raw", shift) or die; my $which = 0;
  while (read($in, my $piece, 1 + int(rand(9000)))) {
    syswrite($which++ % 2 ? \\*STDERR : \\*STDOUT, $piece);
    select(undef, undef, undef, 0.002) if $which % 40 == 0;
  }`;

function writeBoth(size: number): Writer {
  const input = join(root, "input");
  writeFileSync(input, randomBytes(size));
  return startWriter("perl", ["-e", both, input]);
}

describe("read", () => {
  it("gives many readers, whenever they come, the bytes of the file in one lasting order", async () => {
    const writer = writeBoth(4 << 20);
    const early = [0, 1, 2, 3].map(() => collect(read("all")));
    const raw = collect(read("stdout"));
    await ended(writer);
    const late = collect(read("all"));
    await follower.finish();
    const after = collect(read("all", { follow: false }));
    const [stdout, stderr] = [readFileSync(files.stdout), readFileSync(files.stderr)];
    const order = bytesOf(await after);
    for (const chunks of await Promise.all([...early, late])) {
      expect(bytesOf(chunks).equals(order)).toBe(true);
      expect(bytesOf(onlyOf(chunks, "stdout")).equals(stdout)).toBe(true);
      expect(bytesOf(onlyOf(chunks, "stderr")).equals(stderr)).toBe(true);
    }
    expect(bytesOf(await raw).equals(stdout)).toBe(true);
  });

  it.each(["stdout", "all"] as const)(
    "adds up over 1,000 disconnects of a reader of %s",
    async (stream) => {
      const writer = writeBoth(8 << 20);
      const done = ended(writer).then(() => follower.finish());
      const pieces: LogChunk[] = [];
      let offset = 0;
      for (let cut = 0; cut < 1000; cut += 1) {
        const stop = new AbortController();
        let budget = 1 + Math.floor(Math.random() * 6000);
        for await (const chunk of read(stream, { offset, signal: stop.signal })) {
          const data = chunk.data.subarray(0, budget);
          pieces.push({ ...chunk, data });
          offset += data.length;
          budget -= data.length;
          if (budget === 0) break;
        }
      }
      pieces.push(...(await collect(read(stream, { offset }))));
      await done;
      const again = await collect(read(stream, { follow: false }));
      expect(bytesOf(pieces).equals(bytesOf(again))).toBe(true);
      expect(bytesOf(onlyOf(pieces, "stdout")).equals(readFileSync(files.stdout))).toBe(true);
    },
    20_000,
  );

  it("counts offsets in the stream that was asked for, without a gap, in chunks of at most 64 KiB", async () => {
    await ended(writeBoth(1 << 20));
    await follower.finish();
    for (const stream of ["stdout", "stderr", "all"] as const) {
      let expected = 0;
      for (const chunk of await collect(read(stream))) {
        expect(chunk.offset).toBe(expected);
        expect(chunk.data.length).toBeLessThanOrEqual(65_536);
        expected += chunk.data.length;
      }
      expect(expected).toBeGreaterThan(0);
    }
  });

  it("ABUSE 14: passes on bytes as they are when each comes alone, also within a character", async () => {
    const text = Buffer.from("äöü€😀\0\u001b[31m\n".repeat(200));
    writeFileSync(join(root, "input"), text);
    const reading = collect(read("stdout"));
    await ended(startWriter("dd", [`if=${join(root, "input")}`, "bs=1", "status=none"]));
    await follower.finish();
    expect(bytesOf(await reading).equals(text)).toBe(true);
  });

  it("ABUSE 14: passes on 32 MiB without a line end", async () => {
    const reading = (async () => {
      let size = 0;
      for await (const chunk of read("stdout")) size += chunk.data.length;
      return size;
    })();
    await ended(startWriter("dd", ["if=/dev/zero", "bs=1M", "count=32", "status=none"]));
    await follower.finish();
    expect(await reading).toBe(32 << 20);
  });

  it("keeps the order in which a quiet job wrote to its streams", async () => {
    const reading = collect(read("all"));
    for (const stream of ["stderr", "stdout", "stderr"] as const) output.append(stream, `${stream}\n`);
    await follower.finish();
    expect((await reading).map(({ stream, offset }) => [stream, offset])).toEqual([
      ["stderr", 0],
      ["stdout", 7],
      ["stderr", 14],
    ]);
  });

  it("ABUSE 15: lets a reader that stands still hold up nobody", async () => {
    const slow = read("stdout")[Symbol.asyncIterator]();
    const writer = startWriter("dd", ["if=/dev/zero", "bs=64k", "count=64", "status=none"]);
    const first: IteratorResult<LogChunk, unknown> = await slow.next();
    const taken = first.done ? 0 : first.value.data.length;
    const quick = collect(read("stdout"));
    await ended(writer);
    await follower.finish();
    expect(bytesOf(await quick).length).toBe(4 << 20);
    const rest = await collect({ [Symbol.asyncIterator]: () => slow });
    expect(bytesOf(rest).length + taken).toBe(4 << 20);
  });

  it("hands out memory that no later chunk writes over", async () => {
    await ended(startWriter("sh", ["-c", "head -c 300000 /dev/zero; head -c 300000 /dev/zero | tr '\\0' x"]));
    await follower.finish();
    const chunks = await collect(read("stdout"));
    expect(bytesOf(chunks).equals(Buffer.concat([Buffer.alloc(300_000), Buffer.alloc(300_000, "x")]))).toBe(
      true,
    );
  });

  it("uses the memory of released chunks again, and of no other", async () => {
    output.append("stdout", Buffer.alloc(8 << 20, "x"));
    await follower.finish();
    const used = async (letGo: (chunk: LogChunk, count: number) => void): Promise<number> => {
      const blocks = new Set<ArrayBufferLike>();
      let count = 0;
      for await (const chunk of read("stdout")) {
        blocks.add(chunk.data.buffer);
        letGo(chunk, count++);
      }
      return blocks.size;
    };
    const perBlock = await used(() => undefined);
    expect(perBlock).toBeGreaterThan(10);
    // One for each size that the blocks grow to.
    expect(await used((chunk) => chunk.release?.())).toBeLessThanOrEqual(4);
    const twice = (chunk: LogChunk, count: number): void => {
      if (count % 2 === 0) for (const _ of [1, 2]) chunk.release?.();
    };
    expect(await used(twice)).toBeGreaterThan(10);
  });

  it("ends a reader that has much left with the reason of its signal", async () => {
    output.append("stdout", Buffer.alloc(1 << 20));
    await follower.finish();
    const stop = new AbortController();
    const reading = read("stdout", { signal: stop.signal })[Symbol.asyncIterator]();
    await reading.next();
    stop.abort(new Error("client left"));
    await expect(reading.next()).rejects.toThrow("client left");
  });

  it("leaves no listener on the signal of a reader, however often it waited", async () => {
    const stop = new AbortController();
    const reading = read("stdout", { signal: stop.signal })[Symbol.asyncIterator]();
    for (let count = 0; count < 20; count += 1) {
      const next = reading.next();
      await new Promise(setImmediate);
      output.append("stdout", "x");
      await next;
    }
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
    await reading.return?.();
  });

  it("ends a waiting reader at once with the reason of its signal", async () => {
    const stop = new AbortController();
    const waiting = collect(read("all", { signal: stop.signal }));
    await new Promise(setImmediate);
    stop.abort(new Error("client left"));
    await expect(waiting).rejects.toThrow("client left");
  });

  it("reads a running job without following up to where it is", async () => {
    await ended(startWriter("echo", ["hello"]));
    expect(bytesOf(await collect(read("stdout", { follow: false }))).toString()).toBe("hello\n");
  });

  it("waits for a job that has not started, and ends when it never will", async () => {
    jobId = newId();
    const waiting = collect(read("all"));
    await new Promise(setImmediate);
    files = await store.create(jobId);
    new RecordedOutput(files).append("stdout", "hi");
    await store.follow(jobId).finish();
    expect(bytesOf(await waiting).toString()).toBe("hi");

    jobId = newId();
    const inVain = collect(read("all"));
    await new Promise(setImmediate);
    await store.follow(jobId).finish();
    expect(await inVain).toEqual([]);
  });
});

describe("offsets", () => {
  it("past the end are refused for a job that has ended; the end itself is fine and empty", async () => {
    output.append("stdout", "12345");
    await follower.finish();
    expect(await collect(read("stdout", { offset: 5 }))).toEqual([]);
    expect(() => read("stdout", { offset: 6 })).toThrow(
      expect.objectContaining({ code: "OFFSET_OUT_OF_RANGE" }),
    );
    expect(() => read("stderr", { offset: 1 })).toThrow(
      expect.objectContaining({ code: "OFFSET_OUT_OF_RANGE" }),
    );
  });

  it("ahead of a running job wait until it gets there, or has ended before", async () => {
    const arriving = collect(read("stdout", { offset: 3 }));
    const late = collect(read("stdout", { offset: 100 }));
    late.catch(() => undefined);
    output.append("stdout", "12345");
    await follower.finish();
    expect(bytesOf(await arriving).toString()).toBe("45");
    await expect(late).rejects.toMatchObject({ code: "OFFSET_OUT_OF_RANGE" });
  });
});
