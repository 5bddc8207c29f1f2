import { once } from "node:events";
import { OutputStream } from "@berth/protocol/executor";
import { type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import type { ExecutorClient } from "../support/executor-client.ts";
import { until } from "../support/until.ts";

let bench: ExecutorBench;
let ann: ExecutorClient;
let bob: ExecutorClient;
beforeEach(async () => {
  bench = await openExecutorBench();
  ann = await bench.client("ann");
  bob = await bench.client("bob");
});
afterEach(() => bench[Symbol.asyncDispose]());

const of = (value: string) => ({ executionId: { value } });

describe("GetOutStream", () => {
  async function read(client: ExecutorClient, request: Parameters<ExecutorClient["open"]>[1]) {
    const chunks: { text: string; stream: number; offset: bigint }[] = [];
    for await (const chunk of client.open("getOutStream", request as never)) {
      const { bytes, stream, offset } = chunk as { bytes: Uint8Array; stream: number; offset: bigint };
      chunks.push({ text: Buffer.from(bytes).toString("latin1"), stream, offset });
    }
    return chunks;
  }

  it("sends from the first byte, follows to the end, tells the streams apart and keeps every byte", async () => {
    const job = await bench.api.runningJob();
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    await job.write(bytes);
    const early = read(ann, of(job.id));
    await until(() => bench.revocations.held === 1, { what: "the reader" });
    await job.write("err", "stderr");
    await job.end();
    const late = await read(ann, of(job.id));
    for (const chunks of [await early, late]) {
      const of1 = chunks.filter(({ stream }) => stream === OutputStream.STDOUT);
      expect(of1.map(({ text }) => text).join("")).toBe(bytes.toString("latin1"));
      expect(chunks.find(({ stream }) => stream === OutputStream.STDERR)).toMatchObject({ text: "err" });
    }
  });

  it("goes on from an offset, sends one stream, and without `follow` what is there", async () => {
    const job = await bench.api.runningJob();
    await job.write("0123456789");
    const stream = OutputStream.STDOUT;
    await until(
      async () =>
        (await read(ann, { ...of(job.id), stream, offset: 4n, follow: false }))[0]?.text === "456789",
      { what: "the bytes from the offset" },
    );
    const [error] = (await once(
      ann.open("getOutStream", { ...of(job.id), offset: 99n, follow: false }),
      "error",
    )) as [ServiceError];
    expect(error.code).toBe(status.OUT_OF_RANGE);
    await job.end();
  });

  it("holds chunks to 64 KiB, and lets a reader that does not read hold up nobody", async () => {
    const job = await bench.api.runningJob();
    const text = "0123456789abcdef".repeat(2 ** 16);
    await job.write(text);
    const slow = ann.open("getOutStream", of(job.id));
    slow.pause();
    const quick = read(bob, of(job.id));
    await expect(quick).rejects.toMatchObject({ code: status.NOT_FOUND });
    const other = read(ann, of(job.id));
    await until(() => bench.revocations.held === 2, { what: "both readers" });
    await job.end();
    const chunks = await other;
    expect(Math.max(...chunks.map((chunk) => chunk.text.length))).toBeLessThanOrEqual(2 ** 16);
    expect(chunks.map((chunk) => chunk.text).join("")).toBe(text);
    slow.on("error", () => undefined);
    slow.cancel();
    await until(() => bench.revocations.held === 0, { what: "the end of the slow reader" });
  });
});

describe("WatchExecution", () => {
  it("sends each event from the first to the terminal one, or after a sequence number", async () => {
    const job = await bench.api.runningJob();
    const types = async (afterSeq: bigint): Promise<string[]> => {
      const seen: string[] = [];
      for await (const event of ann.open("watchExecution", { ...of(job.id), afterSeq })) {
        seen.push((event as { type: string }).type);
      }
      return seen;
    };
    const live = types(0n);
    await until(() => bench.revocations.held === 1, { what: "the watcher" });
    await job.end();
    expect(await live).toEqual(["queued", "preparing", "running", "succeeded"]);
    expect((await types(2n)).at(-1)).toBe("succeeded");
  });
});
