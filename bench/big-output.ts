import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { job } from "@berth/protocol";
import { type Bench, inTurns } from "./bench.ts";
import type { Client } from "./measure/client.ts";
import { submitJob } from "./measure/jobs.ts";
import { NumberedBlocks, blockBytes, writeBlocks } from "./measure/numbered-blocks.ts";
import { forgetPeak, peakResidentBytes, residentBytes } from "./measure/processes.ts";
import type { Row } from "./measure/row.ts";
import type { BenchServer } from "./measure/server.ts";
import { median } from "./measure/statistics.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const LINES = 1_000_000;
const DISCONNECTS = 1000;

/** A job that writes a GiB, one reader following all of it, against the same program piped through cat into a file. */
export async function measureBigOutput({ server, rounds, scale }: Bench): Promise<Row[]> {
  const bytes = Math.ceil((GIB * scale) / blockBytes) * blockBytes;
  const command = writeBlocks(bytes / blockBytes);
  const residentBefore = residentBytes(server.pid);
  forgetPeak(server.pid);
  const found = await inTurns(rounds, {
    floor: () => throughCatMs(command, join(server.dataDir, "floor-output")),
    berth: () => follow(server.client, { command, bytes }),
  });
  const grown = (peakResidentBytes(server.pid) - residentBefore) / MIB;
  const lines = await measureLines(server, { rounds, count: Math.ceil(LINES * scale) });
  const survived = await readWithDisconnects(server.client, { command, bytes });
  const rate = (ms: readonly number[]) => bytes / MIB / (median(ms) / 1000);
  const size = `${Math.round(bytes / MIB)} MiB`;
  return [
    {
      what: `a job writing ${size} while a reader follows`,
      unit: "MiB/s",
      berth: rate(found.berth.map((one) => one.writtenMs)),
      floor: rate(found.floor),
      goal: { kind: "ratio", atLeast: 0.7 },
    },
    lines,
    {
      what: `from submit to the follower's last byte of ${size}`,
      unit: "MiB/s",
      berth: rate(found.berth.map((one) => one.readMs)),
      floor: rate(found.floor),
      goal: { kind: "none" },
    },
    {
      what: "server memory grown by it",
      unit: "MiB",
      berth: grown,
      floor: null,
      goal: { kind: "value", atMost: 64 },
    },
    {
      what: "disconnects with every byte once",
      unit: "",
      berth: survived,
      floor: null,
      goal: { kind: "value", atLeast: DISCONNECTS },
    },
  ];
}

/** A line of 20 bytes with each write, and one reader following. */
async function measureLines(
  server: BenchServer,
  { rounds, count }: { rounds: number; count: number },
): Promise<Row> {
  const command = ["perl", "-e", `syswrite STDOUT, "0123456789abcdefghi\\n" for 1..${count}`];
  const bytes = count * 20;
  const found = await inTurns(rounds, {
    floor: () => throughCatMs(command, join(server.dataDir, "floor-lines")),
    berth: async () => {
      const id = await startWriter(server.client, { command, bytes });
      let read = 0;
      for await (const chunk of outputFrom(server.client, { id, offset: 0 })) read += chunk.length;
      return (await endWriter(server.client, { id, read, bytes })).wallMs;
    },
  });
  const rate = (ms: readonly number[]): number => count / median(ms);
  return {
    what: `${count} lines of 20 bytes, each a write, while a reader follows`,
    unit: "1/ms",
    berth: rate(found.berth),
    floor: rate(found.floor),
    goal: { kind: "ratio", atLeast: 0.7 },
  };
}

/** As in a shell: `command | cat >path`. */
async function throughCatMs(command: readonly string[], path: string): Promise<number> {
  const began = performance.now();
  const script = 'out=$1; shift; "$@" | cat >"$out"';
  const child = spawn("/bin/sh", ["-c", script, "sh", path, ...command], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "exit");
  const ms = performance.now() - began;
  rmSync(path);
  if (child.exitCode !== 0) throw new Error(`The writer itself failed with ${child.exitCode}`);
  return ms;
}

interface Writer {
  command: readonly string[];
  bytes: number;
}

/** How long the job ran, and how long it took until its reader had all of it. */
async function follow(client: Client, writer: Writer): Promise<{ writtenMs: number; readMs: number }> {
  const began = performance.now();
  const id = await startWriter(client, writer);
  const blocks = new NumberedBlocks();
  for await (const chunk of outputFrom(client, { id, offset: 0 })) blocks.accept(chunk);
  const readMs = performance.now() - began;
  const { wallMs } = await endWriter(client, { id, read: blocks.position, bytes: writer.bytes });
  return { writtenMs: wallMs, readMs };
}

/** Cuts the connection about a thousand times at odd places, and goes on from there. */
async function readWithDisconnects(client: Client, writer: Writer): Promise<number> {
  const id = await startWriter(client, writer);
  const blocks = new NumberedBlocks();
  let disconnects = 0;
  while (disconnects < DISCONNECTS) {
    const enough = blocks.position + Math.ceil(Math.random() * (writer.bytes / DISCONNECTS / 2));
    for await (const chunk of outputFrom(client, { id, offset: blocks.position })) {
      blocks.accept(chunk.subarray(0, enough - blocks.position));
      if (blocks.position >= enough) break; // which cuts the connection
    }
    disconnects += 1;
  }
  for await (const chunk of outputFrom(client, { id, offset: blocks.position })) blocks.accept(chunk);
  await endWriter(client, { id, read: blocks.position, bytes: writer.bytes });
  return disconnects;
}

async function startWriter(
  client: Client,
  { command: [command = "", ...args], bytes }: Writer,
): Promise<string> {
  const { id } = await submitJob(client, { command, args, output: { limit: 2 * bytes } });
  return id;
}

async function endWriter(
  client: Client,
  end: { id: string; read: number; bytes: number },
): Promise<{ wallMs: number }> {
  if (end.read !== end.bytes) throw new Error(`Read ${end.read} bytes of ${end.bytes}`);
  const { body } = await client.send("GET", `/api/v1/jobs/${end.id}?wait=60s`);
  await client.send("DELETE", `/api/v1/jobs/${end.id}`);
  return { wallMs: job.parse(JSON.parse(body)).usage.wallMs ?? Number.NaN };
}

function outputFrom(client: Client, from: { id: string; offset: number }): AsyncIterable<Buffer> {
  const query = `stream=stdout&follow=true&offset=${from.offset}`;
  return client.stream(`/api/v1/jobs/${from.id}/output?${query}`, "application/octet-stream");
}
