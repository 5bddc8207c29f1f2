import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { JobSpecInput } from "@berth/protocol";
import { expect, it } from "vitest";
import { executeRequestOf } from "../packages/sdk/src/grpc/request-message.ts";
import { type CommandDoor, openCommandDoor } from "../packages/server/test/support/command-door.ts";
import { type ExecutorClient, executorClient } from "../packages/server/test/support/executor-client.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { largestOfAll, largestSpecs } from "../packages/server/test/support/largest-specs.ts";

const missing = await local.missing();
if (missing !== null) console.log(`SKIPPED: the largest specs, because ${missing}`);

/**
 * So long the event loop may be at work from a question after `/healthz` to its answer, of 99 in 100, whatever was thrown at
 * it; and so long for each: with collections of garbage, and where a connection is opened beside a hundred others.
 */
const WORK_MS = 50;
const MOST_WORK_MS = 200;
/** So long an answer may take in all, of 99 in 100, where the host lets a server that does nothing answer in a moment. */
const MOST_MS = 3000;
const A_MOMENT_MS = 10;
/** The largest message of gRPC; JSON makes contents longer. */
const GRPC_BYTES = 12 * 2 ** 20;
const minute = 60_000;

interface Standstill {
  operation: string;
  ms: number;
  cpuMs: number;
}

/** All that the server itself tells of. */
function toldBy(server: ServerProcess): Standstill[] {
  const lines = server.log.filter((line) => line.includes("The event loop stood still"));
  return lines.map((line) => {
    const { operation, ms, cpuMs } = JSON.parse(line) as Standstill;
    return { operation, ms, cpuMs };
  });
}

/** Waiting for the host is not the loop's fault, nor is that the same work takes longer beside others. */
function isTooMuchWork({ health }: AskedOfBoth, slower: number): boolean {
  if (health.heard === 0) return true;
  return health.ofHundredWorkMs > WORK_MS * slower || health.mostWorkMs > MOST_WORK_MS * slower;
}

function isTooSlow({ health, floor }: AskedOfBoth): boolean {
  return floor.ofHundredMs <= A_MOMENT_MS && health.ofHundredMs > MOST_MS;
}

/** Jobs that leave what is large to look for, to keep and to read. */
const heirs: JobSpecInput[] = [
  {
    command: "/usr/bin/python3",
    args: [
      "-c",
      "import os\nfor d in range(60):\n os.mkdir('d'*15); os.chdir('d'*15)\n for f in range(20): open('a'*200+str(f),'w')",
    ],
    collect: Array.from({ length: 64 }, (_, index) => `**/${"d*/".repeat(1)}a${"a".repeat(250)}${index}`),
  },
  {
    command: "/usr/bin/python3",
    args: ["-c", "for f in range(3000): open('a'*100+str(f),'w')"],
    collect: ["*"],
  },
  {
    command: "/usr/bin/python3",
    args: ["-c", "print('^JSON'); print('['*90+','.join(['1']*500000)+']'*90); print('^JSON')"],
  },
  { command: "/usr/bin/python3", args: ["-c", "print('^JSON\\n'*349000)"] },
  {
    command: "/usr/bin/python3",
    args: ["-c", "import json; json.dump({str(i): 'x' for i in range(60000)}, open('r','w'))"],
    resultFile: "r",
  },
];

interface Asked {
  asked: number;
  /** Of them those whose answer was heard as it came. */
  heard: number;
  /** Of a hundred answers one took longer. */
  ofHundredMs: number;
  slowestMs: number;
  /** How long the server's loop was at work from question to answer. */
  ofHundredWorkMs: number;
  mostWorkMs: number;
}

interface AskedOfBoth {
  health: Asked;
  floor: Asked;
  /** So much more the same work takes of a CPU beside all that the host does, than at its quickest. */
  slower: number;
}

/** How `/healthz` was answered, and a server that does nothing, asked every 10 ms by another process until this is called. */
async function askAllTheWhile({ url, pid }: ServerProcess): Promise<() => Promise<AskedOfBoth>> {
  const child = spawn(
    process.execPath,
    [new URL("support/ask-health.ts", import.meta.url).pathname, url, String(pid)],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect(await lines.next()).toMatchObject({ value: "asking" });
  return async () => {
    child.stdin.end();
    const { value, done } = await lines.next();
    if (done) throw new Error("Cannot read how long the health check took");
    return JSON.parse(value) as AskedOfBoth;
  };
}

/** Over both doors at once; what one of them refuses, as it is too large for it, has been thrown all the same. */
async function throwAt(door: CommandDoor, server: ServerProcess, spec: JobSpecInput): Promise<string[]> {
  const headers = { "idempotency-key": crypto.randomUUID() };
  const body = JSON.stringify(spec);
  const overRest = async (): Promise<string | undefined> => {
    const answer = await server.api.request("/api/v1/jobs", { method: "POST", body, headers });
    return ((await answer.json()) as { id?: string }).id;
  };
  const overGrpc = async (): Promise<string | undefined> => {
    if (body.length > GRPC_BYTES) return undefined;
    const client = await door.client("client1");
    const request = executeRequestOf(spec, { idempotencyKey: crypto.randomUUID(), waitMs: 0 });
    return (await client.call("executeCommand", request).catch(() => null))?.executionId?.value;
  };
  return (await Promise.all([overRest(), overGrpc()])).filter((id) => id !== undefined);
}

/** Everything that can be asked about a job that has ended, over both doors. */
async function lookAt(
  { server, client }: { server: ServerProcess; client: ExecutorClient },
  ids: readonly string[],
): Promise<void> {
  const ask = async (path: string): Promise<void> => {
    await (await server.api.request(`/api/v1/jobs${path}`)).arrayBuffer();
  };
  for (const id of ids) {
    await server.api.end(id);
    // What is too large for a message is refused, and was made all the same.
    const askGrpc = client.call("getExecution", { executionId: { value: id } }).catch(() => null);
    const parts = ["", "/result", "/artifacts", "/output", "/events"].map((part) => ask(`/${id}${part}`));
    await Promise.all([...parts, askGrpc]);
  }
  await Promise.all([ask("?limit=200"), client.call("listExecutions", {}).catch(() => null)]);
}

/** Texts below this are thrown all at once: one by one they would take minutes. */
const SMALL = 8192;

it.skipIf(missing !== null)(
  "ABUSE 33: no spec that the contract permits makes others wait, alone or with all others, also after a restart",
  async () => {
    await using door = await openCommandDoor();
    const { server } = door;
    const client = await door.client("client1");
    const specs = largestSpecs();
    const all = largestOfAll(specs);
    const isSmall = (spec: JobSpecInput): boolean => JSON.stringify(spec).length < SMALL;
    const small = specs.map(({ spec }) => spec).filter(isSmall);
    const large = specs.map(({ spec }) => spec).filter((spec) => !isSmall(spec));
    const alone = [...large, ...heirs, all];
    const watched = async (thrown: readonly JobSpecInput[]): Promise<void> => {
      const ids = await Promise.all(thrown.map((spec) => throwAt(door, server, spec)));
      await lookAt({ server, client }, ids.flat());
    };
    const health = await askAllTheWhile(server);
    await watched(small);
    for (const spec of alone) await watched([spec]);
    await watched([...heirs, ...large.filter((_, index) => index % 10 === 0), all]);
    const took = await health();

    const last = { ...all, command: "sleep", args: ["5"] };
    const kept = await Promise.all([last, last, ...heirs].map((spec) => throwAt(door, server, spec)));
    await server.kill();
    const env = { BERTH_GRPC_ADDRESS: "127.0.0.1:0", BERTH_GRPC_CERTS: door.certs };
    const next = await door.bench.start({ env });
    const healthOfNext = await askAllTheWhile(next);
    using clientOfNext = executorClient(next.grpcPort ?? 0, await door.credentials("client1"));
    await lookAt({ server: next, client: clientOfNext }, kept.flat());
    const tookNext = await healthOfNext();

    console.log(
      `health checks beside ${specs.length} specs: ${JSON.stringify(took)}; after the restart: ${JSON.stringify(tookNext)}`,
    );
    const longest = [...toldBy(server), ...toldBy(next)].toSorted((one, other) => other.cpuMs - one.cpuMs);
    const slower = Math.max(took.slower, tookNext.slower);
    expect({
      tooMuchWork: [took, tookNext].filter((asked) => isTooMuchWork(asked, slower)),
      tooSlow: [took, tookNext].filter(isTooSlow),
      longest,
    }).toEqual({ tooMuchWork: [], tooSlow: [], longest });
  },
  8 * minute,
);
