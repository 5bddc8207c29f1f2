import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { toBinary } from "@bufbuild/protobuf";
import { ExecutionInfoReplySchema } from "@berth/protocol/executor";
import { type Bench, inTurns, turnsARound } from "./bench.ts";
import { GrpcClient } from "./measure/grpc-client.ts";
import { smallCommand } from "./measure/jobs.ts";
import { blockBytes, writeBlocks } from "./measure/numbered-blocks.ts";
import type { Row } from "./measure/row.ts";
import { startServer } from "./measure/server.ts";
import { standby } from "./measure/standby.ts";
import { median } from "./measure/statistics.ts";
import { warmUp, warmUpJobs } from "./measure/warm-up.ts";

const MIB = 2 ** 20;
const CERTIFICATES = join(import.meta.dirname, "../scripts/generate-certs.sh");
/** Calls under way at once on the one connection. */
const atOnce = 32;

/** The command door: one command after another, one big output, many small calls. */
export async function measureGrpc({ server: { folder }, floor, rounds, scale }: Bench): Promise<Row[]> {
  const certs = join(folder, "certs");
  execFileSync(CERTIFICATES, [certs], { stdio: "ignore" });
  await using server = await startServer(join(folder, "grpc"), { name: "grpc", grpcCerts: certs });
  using client = new GrpcClient({ port: server.grpcPort, certs });
  await warmUp(() => execute(client), warmUpJobs * scale);
  const count = Math.ceil((60 * scale) / turnsARound);
  const latency = await inTurns(rounds * turnsARound, {
    floor: async () => (await floor.run({ count, atOnce: 1 })).eachMs,
    berth: () =>
      repeat(
        count,
        () => execute(client),
        () => standby(server.client),
      ),
  });
  return [
    {
      what: "gRPC: ExecuteCommand to exit, one at a time, warm",
      unit: "ms",
      berth: median(latency.berth.flat()),
      floor: median(latency.floor.flat()),
      goal: { kind: "ratio", atMost: 1 },
    },
    await measureStream(client, { dataDir: server.dataDir, rounds, bytes: 2 ** 30 * scale }),
    await measureCalls(client, { certs, folder, rounds, count: Math.ceil(10_000 * scale) }),
  ];
}

async function execute(client: GrpcClient): Promise<number> {
  const began = performance.now();
  await client.execute(smallCommand);
  return performance.now() - began;
}

async function measureStream(
  client: GrpcClient,
  { dataDir, rounds, bytes }: { dataDir: string; rounds: number; bytes: number },
): Promise<Row> {
  const blocks = Math.ceil(bytes / blockBytes);
  const [program = "", ...args] = writeBlocks(blocks);
  const id = await client.execute([program, ...args]);
  const whole = blocks * blockBytes;
  const rate = async (read: () => Promise<number>): Promise<number> => {
    const began = performance.now();
    const got = await read();
    if (got !== whole) throw new Error(`Read ${got} bytes of ${whole}`);
    return whole / MIB / ((performance.now() - began) / 1000);
  };
  const found = await inTurns(rounds, {
    floor: () => rate(() => readFileBytes(join(dataDir, "logs", id, "stdout"))),
    berth: () => rate(() => client.readOutput(id)),
  });
  return {
    what: `gRPC: GetOutStream of ${Math.round(whole / MIB)} MiB, against reading the file`,
    unit: "MiB/s",
    berth: median(found.berth),
    floor: median(found.floor),
    goal: { kind: "ratio", atLeast: 0.5 },
  };
}

/** As a program of Node's reads a file: in pieces of 64 KiB. */
async function readFileBytes(path: string): Promise<number> {
  let bytes = 0;
  for await (const chunk of createReadStream(path)) bytes += (chunk as Buffer).length;
  return bytes;
}

async function measureCalls(
  client: GrpcClient,
  { certs, folder, rounds, count }: { certs: string; folder: string; rounds: number; count: number },
): Promise<Row> {
  const id = await client.execute(smallCommand);
  const answer = join(folder, "answer.bin");
  writeFileSync(answer, toBinary(ExecutionInfoReplySchema, await client.get(id)));
  const script = join(import.meta.dirname, "measure/grpc-echo.ts");
  const echo = spawn(process.execPath, ["--conditions=berth-source", script, certs, answer], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(echo, "exit");
  const [line] = (await once(createInterface({ input: echo.stdout }), "line")) as [string];
  using bare = new GrpcClient({ port: Number(line), certs });
  const found = await inTurns(rounds, {
    floor: () => callsPerSecond(bare, { id, count }),
    berth: () => callsPerSecond(client, { id, count }),
  });
  echo.kill("SIGTERM");
  await ended;
  return {
    what: `gRPC: GetExecution, ${atOnce} at once, against a bare grpc-js echo with the same TLS`,
    unit: "calls/s",
    berth: median(found.berth),
    floor: median(found.floor),
    goal: { kind: "ratio", atLeast: 0.5 },
  };
}

async function callsPerSecond(
  client: GrpcClient,
  { id, count }: { id: string; count: number },
): Promise<number> {
  const began = performance.now();
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await client.get(id);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return count / ((performance.now() - began) / 1000);
}

async function repeat(
  count: number,
  measure: () => Promise<number>,
  before: () => Promise<unknown>,
): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    await before();
    found.push(await measure());
  }
  return found;
}
