import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { uploadList } from "@berth/protocol";
import { type Bench, inTurns } from "./bench.ts";
import { LAUNCHER, millis } from "./measure/command-line.ts";
import { forgetPeak, peakResidentBytes, residentBytes } from "./measure/processes.ts";
import type { Row } from "./measure/row.ts";
import type { BenchServer } from "./measure/server.ts";
import { median } from "./measure/statistics.ts";

const MIB = 2 ** 20;
const FILES = 64;
const FILE_BYTES = 16 * MIB;

/** A folder of a GiB on its way to the server, by curl and by `berth`, against the same by curl into a plain file. */
export async function measureFolders({ server, rounds, scale }: Bench): Promise<Row[]> {
  const place = join(server.folder, "folders");
  const source = join(place, "source");
  const files = Math.ceil(FILES * scale);
  mkdirSync(source, { recursive: true });
  for (let n = 0; n < files; n += 1) writeFileSync(join(source, `file-${n}`), randomBytes(FILE_BYTES));
  try {
    await using sink = await openSink(join(place, "sunk"));
    const floor = () => millis("sh", ["-c", SEND, "sh", source, sink.url, ""], server);
    const before = residentBytes(server.pid);
    forgetPeak(server.pid);
    const byCurl = await inTurns(rounds, { floor, berth: () => upload(server, source) });
    const grown = (peakResidentBytes(server.pid) - before) / MIB;
    const byBerth = await inTurns(rounds, { floor, berth: () => start(server, source) });
    const again = await inTurns(rounds, { floor, berth: () => run(server, source) });
    await forgetUploads(server);
    const size = `${(files * FILE_BYTES) / MIB} MiB`;
    const rate = (ms: readonly number[]): number => (files * FILE_BYTES) / MIB / (median(ms) / 1000);
    const row = (what: string, found: typeof byCurl): Row => ({
      what: `${what} of ${size}, against tar and curl into a file`,
      unit: "MiB/s",
      berth: rate(found.berth),
      floor: rate(found.floor),
      goal: { kind: "ratio", atLeast: 0.5 },
    });
    return [
      row("an upload by tar and curl", byCurl),
      {
        what: "server memory grown by it",
        unit: "MiB",
        berth: grown,
        floor: null,
        goal: { kind: "value", atMost: 64 },
      },
      row("`berth start --dir` of a new folder", byBerth),
      // Hashed here, and unpacked there.
      { ...row("`berth run --dir` of a folder that the server has", again), goal: { kind: "none" } },
    ];
  } finally {
    rmSync(place, { recursive: true });
  }
}

const SEND =
  'tar -C "$1" -c . | curl -sSf -o /dev/null -T - -X POST -H "Authorization: Bearer $3" -H "Content-Type: application/octet-stream" "$2"';

async function upload(server: BenchServer, source: string): Promise<number> {
  await renew(server, source);
  return millis("sh", ["-c", SEND, "sh", source, `${server.url}/api/v1/uploads`, server.token], server);
}

async function start(server: BenchServer, source: string): Promise<number> {
  await renew(server, source);
  return millis(LAUNCHER, ["start", "--dir", source, "--", "true"], server);
}

/** As it is on the server since the last start. */
function run(server: BenchServer, source: string): Promise<number> {
  return millis(LAUNCHER, ["run", "-q", "--dir", source, "--", "true"], server);
}

/** Makes it another folder for the server, which has nothing else any more. */
async function renew(server: BenchServer, source: string): Promise<void> {
  await forgetUploads(server);
  utimesSync(join(source, "file-0"), new Date(), new Date());
}

async function forgetUploads({ client }: BenchServer): Promise<void> {
  const { body } = await client.send("GET", "/api/v1/jobs?state=queued,preparing,running&limit=200");
  const { items } = JSON.parse(body) as { items: { id: string }[] };
  for (const { id } of items) await client.send("GET", `/api/v1/jobs/${id}?wait=60s`);
  const listed = uploadList.parse(JSON.parse((await client.send("GET", "/api/v1/uploads")).body));
  for (const { sha256 } of listed.items) await client.send("DELETE", `/api/v1/uploads/${sha256}`);
}

/** Writes what it is sent into one file, and that is all. */
async function openSink(path: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    pipeline(request, createWriteStream(path)).then(
      () => response.end(),
      (error: unknown) => response.destroy(error as Error),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
