import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { OutChunk } from "@berth/protocol/executor";
import type { ClientReadableStream } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandDoor, openCommandDoor } from "../packages/server/test/support/command-door.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { memoryGrowth } from "../packages/server/test/support/memory-growth.ts";

const missing = await local.missing();
if (missing !== null) console.log(`SKIPPED: 1 test of many readers over gRPC, because ${missing}`);

const mib = 2 ** 20;
const readers = 50;
/** Of the output. The 256 that are tried before each release take 40 s on four cores and 52 s on two. */
const size = Number(process.env["BERTH_TEST_OUTPUT_MIB"] ?? "32") * mib;
/** What 50 readers may cost the server together, whatever the size of the output. */
const mostGrowth = 256 * mib;

/** A guard against hanging, not a measure of speed. */
const deadlineMs = 15 * 60_000;

let door: CommandDoor;

interface Read {
  bytes: number;
  sha256: string;
}

async function read(chunks: AsyncIterable<Pick<OutChunk, "bytes">>): Promise<Read> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.bytes.length;
    hash.update(chunk.bytes);
  }
  return { bytes, sha256: hash.digest("hex") };
}

async function* onDisk(path: string): AsyncGenerator<Pick<OutChunk, "bytes">> {
  for await (const bytes of createReadStream(path)) yield { bytes: bytes as Buffer<ArrayBuffer> };
}

describe.skipIf(missing !== null)("GetOutStream on the local engine", () => {
  beforeAll(async () => {
    door = await openCommandDoor();
  });
  afterAll(() => door[Symbol.asyncDispose]());

  it("C7, C9: gives 50 readers at once the bytes of the file, while one that has stopped reading costs nobody anything and gets them all as well", {
    timeout: deadlineMs,
  }, async () => {
    const client = await door.client("client1");
    const follow = async (id: string): Promise<ClientReadableStream<OutChunk>> =>
      (await door.client("client1")).open("getOutStream", { executionId: { value: id } }, { deadlineMs });
    const command = { command: "head", args: ["-c", String(size), "/dev/urandom"] };
    const growth = memoryGrowth(door.server.pid);
    const { executionId } = await client.call("executeCommand", command);
    const id = executionId?.value ?? "";
    const stopped = (await follow(id)).pause();
    const streams = await Promise.all(Array.from({ length: readers }, () => follow(id)));

    const all = await Promise.all(streams.map(read));
    const grown = growth();
    const file = await read(onDisk(join(door.bench.root, "data/logs", id, "stdout")));
    expect(file.bytes).toBe(size);
    expect(all).toEqual(Array.from({ length: readers }, () => file));
    expect(grown).toBeLessThan(mostGrowth);
    expect(await read(stopped)).toEqual(file);
  });
});
