import { create, toBinary } from "@bufbuild/protobuf";
import { ExecuteRequestSchema } from "@berth/protocol/executor";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ExecutorBench, openExecutorBench } from "./support/executor-bench.ts";
import { framed, type RawConnection, rawConnection, statusOf } from "./support/raw-grpc.ts";

let bench: ExecutorBench;
let raw: RawConnection;

beforeEach(async () => {
  bench = await openExecutorBench();
  const { pair } = await bench.client("ann");
  raw = await rawConnection(bench.port, { roots: bench.pki.ca.roots, pair });
});
afterEach(async () => {
  raw[Symbol.dispose]();
  await bench[Symbol.asyncDispose]();
});

interface Command {
  command: string;
  args: string[];
}

/** Texts that are not plain ASCII, which would be read letter by letter. */
const withArgs = (count: number, { letters }: { letters: number }): Command => ({
  command: "true",
  args: Array.from({ length: count }, () => "\u00fc".repeat(letters)),
});

const doors = [
  {
    door: "REST",
    submit: async (job: Command): Promise<boolean> => {
      const { statusCode } = await bench.api.app.inject({
        method: "POST",
        url: "/api/v1/jobs",
        headers: { authorization: `Bearer ${bench.api.tokens.ann}`, "content-type": "application/json" },
        payload: Buffer.from(JSON.stringify(job)),
      });
      return statusCode === 201;
    },
  },
  {
    door: "gRPC",
    submit: async (job: Command): Promise<boolean> => {
      const message = framed(toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, job)));
      const status = await statusOf(raw.open("/ExecutorService/ExecuteCommand").end(message));
      return status?.code === 0;
    },
  },
];

/** How many bytes of text this thread makes of JSON and of messages meanwhile: what another one reads does not count. */
async function readHere(work: () => Promise<boolean>): Promise<number> {
  const parsed = vi.spyOn(JSON, "parse");
  const decoded = vi.spyOn(TextDecoder.prototype, "decode");
  try {
    expect(await work()).toBe(true);
    const texts = parsed.mock.calls.map(([text]) => text.length);
    const bytes = decoded.mock.calls.map(([buffer]) => buffer?.byteLength ?? 0);
    return [...texts, ...bytes].reduce((sum, length) => sum + length, 0);
  } finally {
    parsed.mockRestore();
    decoded.mockRestore();
  }
}

describe.each(doors)("a job that comes over $door", ({ submit }) => {
  it("is read by the loop where it is small", async () => {
    expect(await readHere(() => submit(withArgs(100, { letters: 10 })))).toBeGreaterThan(1000);
  });

  it.each([
    { what: "long", job: withArgs(4, { letters: 30_000 }) },
    { what: "short, and made of many parts", job: withArgs(4000, { letters: 1 }) },
  ])("is never read by the loop where it is $what", async ({ job }) => {
    expect(await readHere(() => submit(job))).toBeLessThan(1000);
  });
});
