import type { JobSpecInput } from "@berth/protocol";
import { expect, it } from "vitest";
import { executeRequestOf } from "../packages/sdk/src/grpc/request-message.ts";
import { openCommandDoor } from "../packages/server/test/support/command-door.ts";
import { type ExecutorClient, executorClient } from "../packages/server/test/support/executor-client.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { patiently } from "../packages/server/test/support/patience.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import {
  largestOfAll,
  type LargestSpec,
  largestSpecs,
} from "../packages/server/test/support/largest-specs.ts";
import { type Part, type Seen, tryPart, watchHealth } from "./support/health-watch.ts";

const missing = await local.missing();
if (missing !== null) console.log(`SKIPPED: the largest specs, because ${missing}`);

/**
 * So long the event loop may be at work from a question after `/healthz` to its answer, for every single one, whatever was
 * thrown at it; times what the host is slower. What is thrown is thrown again where it took longer, and is at fault where it
 * did three times in a row.
 */
const WORK_MS = 50;
/** So long an answer may take in all, where the host lets a server that does nothing answer in a moment. */
const MOST_MS = 3000;
const A_MOMENT_MS = 10;
/** Of all that is thrown, so many may need to be thrown again: more, and the host is not what is to blame. */
const MOST_AGAIN = 1 / 4;
/** The largest message of gRPC; JSON makes contents longer. */
const GRPC_BYTES = 12 * 2 ** 20;
const minute = 60_000;

function isTooMuch({ health, floor, slower }: Seen): boolean {
  if (health.heard === 0) return true;
  // Waiting for the host is not the loop's fault.
  const isLate = floor.slowestMs <= A_MOMENT_MS && health.slowestMs > MOST_MS;
  return isLate || health.mostWorkMs > WORK_MS * slower;
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

/** A server, and one more client of its own over gRPC. */
interface Target {
  server: ServerProcess;
  client: () => Promise<ExecutorClient>;
}

/** Over both doors at once; what one of them refuses, as it is too large for it, has been thrown all the same. */
async function throwAt({ server, client }: Target, spec: JobSpecInput): Promise<string[]> {
  const headers = { "idempotency-key": crypto.randomUUID() };
  const body = JSON.stringify(spec);
  const overRest = async (): Promise<string | undefined> => {
    const answer = await server.api.request("/api/v1/jobs", { method: "POST", body, headers });
    return ((await answer.json()) as { id?: string }).id;
  };
  const overGrpc = async (): Promise<string | undefined> => {
    if (body.length > GRPC_BYTES) return undefined;
    const request = executeRequestOf(spec, { idempotencyKey: crypto.randomUUID(), waitMs: 0 });
    const answer = await (await client()).call("executeCommand", request).catch(() => null);
    return answer?.executionId?.value;
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

/** How much work of the loop a health check waited for, at most, of each part in its last try. */
function told(parts: readonly Part[]): string {
  const lasts = parts.flatMap(({ tries }) => tries.slice(-1));
  const most = lasts.map(({ health }) => health.mostWorkMs).toSorted((a, b) => b - a);
  const slower = Math.max(...lasts.map((last) => last.slower));
  return `at most ${most.join(" ")} ms of work, on a host slower by ${slower}`;
}

/** Texts below this are thrown all at once: one by one they would take minutes. */
const SMALL = 8192;

it.skipIf(missing !== null)(
  "ABUSE 33: no spec that the contract permits makes others wait, alone or with all others, also after a restart",
  async () => {
    await using door = await openCommandDoor();
    using clients = new DisposableStack();
    const { server } = door;
    const specs = largestSpecs();
    const all = largestOfAll(specs);
    const isSmall = ({ spec }: LargestSpec): boolean => JSON.stringify(spec).length < SMALL;
    const small = specs.filter(isSmall).map(({ spec }) => spec);
    const large = specs.filter((one) => !isSmall(one));
    const alone = [
      ...large,
      ...heirs.map((spec, n) => ({ what: `heir ${n}`, spec })),
      { what: "all", spec: all },
    ];
    const together = [...heirs, ...large.filter((_, index) => index % 10 === 0).map(({ spec }) => spec), all];
    const parts: Part[] = [];
    const target: Target = { server, client: () => door.client("client1") };
    {
      await using health = await watchHealth(server);
      const client = await target.client();
      const throwAll = async (what: string, thrown: readonly JobSpecInput[]): Promise<void> => {
        const once = async (): Promise<Seen> => {
          const ids = await Promise.all(thrown.map((spec) => throwAt(target, spec)));
          await lookAt({ server, client }, ids.flat());
          return await health.look();
        };
        parts.push(await tryPart(what, { once, isTooMuch }));
      };
      await throwAll("all small ones", small);
      for (const { what, spec } of alone) await throwAll(what, [spec]);
      await throwAll("some large ones together", together);
    }

    let last = target;
    const once = async (): Promise<Seen> => {
      const long = { ...all, command: "sleep", args: ["5"] };
      const kept = await Promise.all([long, long, ...heirs].map((spec) => throwAt(last, spec)));
      await last.server.kill();
      const env = { BERTH_GRPC_ADDRESS: "127.0.0.1:0", BERTH_GRPC_CERTS: door.certs };
      const next = await door.bench.start({ env });
      const client = async (): Promise<ExecutorClient> =>
        clients.use(executorClient(next.grpcPort ?? 0, await door.credentials("client1")));
      last = { server: next, client };
      await using health = await watchHealth(next);
      await lookAt({ server: next, client: await client() }, kept.flat());
      return await health.look();
    };
    parts.push(await tryPart("after a restart", { once, isTooMuch }));

    const again = parts.filter(({ tries }) => tries.length > 1);
    console.log(
      `${specs.length} specs in ${parts.length} parts: ${told(parts)}; again: ${JSON.stringify(again)}`,
    );
    expect(parts.filter(({ tries }) => tries.every(isTooMuch))).toEqual([]);
    expect(again.length > parts.length * MOST_AGAIN ? again : []).toEqual([]);
  },
  patiently(20 * minute),
);
