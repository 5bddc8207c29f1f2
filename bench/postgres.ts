import { chmodSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { job } from "@berth/protocol";
import { Postgres } from "../packages/server/test/support/postgres.ts";
import { openPostgresStore } from "../packages/server/src/store/postgres/open.ts";
import { openSqliteStore } from "../packages/server/src/store/sqlite/open.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { noInputs, sampleJob } from "../packages/server/test/support/sample-job.ts";
import { type Bench, inTurns } from "./bench.ts";
import { fillStore } from "./measure/fill-history.ts";
import { runJob } from "./measure/jobs.ts";
import type { Row } from "./measure/row.ts";
import { startServer } from "./measure/server.ts";
import { median, percentile } from "./measure/statistics.ts";
import { warmUp, warmUpJobs } from "./measure/warm-up.ts";

const JOBS = 100_000;
const WRITERS = 64;

/** The same on a PostgreSQL of this host, on a socket and on the same disk, against SQLite, in turns. */
export async function measurePostgres({ server, rounds, scale }: Bench): Promise<Row[]> {
  const folder = join(dirname(server.dataDir), "postgres");
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  // PostgreSQL does not run as root: its user passes through.
  chmodSync(dirname(folder), 0o711);
  await using postgres = await Postgres.start({
    folder,
    settings: { fsync: "on", autovacuum: "on", shared_buffers: "128MB" },
  });
  const times = await submitToExit(postgres, { server, folder, rounds, scale });
  const rates = await durableSubmits(postgres, { folder, rounds, scale });
  const lists = await listTimes(postgres, { server, rounds, scale });
  const against = { goal: { kind: "none" } } as const;
  return [
    { what: "submit to exit on PostgreSQL, against SQLite", unit: "ms", ...times, ...against },
    {
      what: `submits a second, durable, ${WRITERS} at once, on PostgreSQL, against SQLite`,
      unit: "1/s",
      ...rates,
      ...against,
    },
    {
      what: `list of 50, p95, ${(JOBS * scale).toLocaleString("en")} jobs in PostgreSQL`,
      unit: "ms",
      berth: lists,
      floor: null,
      goal: { kind: "value", atMost: 10 },
    },
  ];
}

type Part = Pick<Bench, "rounds" | "scale">;

async function submitToExit(
  postgres: Postgres,
  { server, folder, rounds, scale }: Part & { server: Bench["server"]; folder: string },
): Promise<{ berth: number; floor: number }> {
  const env = { BERTH_DATABASE: (await postgres.database()).reveal() };
  await using other = await startServer(join(folder, "server"), { name: "postgres", env });
  await warmUp(() => runJob(other.client), warmUpJobs * scale);
  const latency = async (of: typeof server) => {
    const times: number[] = [];
    for (let i = 0; i < Math.ceil(60 * scale); i++) times.push((await runJob(of.client)).ms);
    return median(times);
  };
  const found = await inTurns(rounds, { floor: () => latency(server), berth: () => latency(other) });
  return { berth: median(found.berth), floor: median(found.floor) };
}

async function durableSubmits(
  postgres: Postgres,
  { folder, rounds, scale }: Part & { folder: string },
): Promise<{ berth: number; floor: number }> {
  await using sqlite = await openSqliteStore({ path: join(folder, "submits.db") });
  await using other = await openPostgresStore({ url: await postgres.database() });
  const count = Math.ceil(5000 * scale);
  const rate = async ({ jobs }: Store) => {
    let left = count;
    const began = performance.now();
    const write = async () => {
      while (left-- > 0) await jobs.insert({ job: sampleJob(), inputs: noInputs, idempotency: null });
    };
    await Promise.all(Array.from({ length: WRITERS }, write));
    return (count * 1000) / (performance.now() - began);
  };
  const found = await inTurns(rounds, { floor: () => rate(sqlite), berth: () => rate(other) });
  return { berth: median(found.berth), floor: median(found.floor) };
}

async function listTimes(
  postgres: Postgres,
  { server, scale }: Part & { server: Bench["server"] },
): Promise<number> {
  const { id } = await runJob(server.client);
  const seen = job.parse(JSON.parse((await server.client.send("GET", `/api/v1/jobs/${id}`)).body));
  await using store = await openPostgresStore({ url: await postgres.database() });
  await fillStore(store, { count: Math.ceil(JOBS * scale), seen });
  await postgres.query(postgres.lastDatabase, "ANALYZE");
  const filter = {
    owner: null,
    states: null,
    labels: [],
    name: null,
    task: null,
    createdAfter: null,
    createdBefore: null,
  };
  const times: number[] = [];
  for (let i = 0; i < 100; i++) {
    const began = performance.now();
    await store.jobs.list({ ...filter, limit: 50, cursor: null });
    times.push(performance.now() - began);
  }
  return percentile(times, 0.95);
}
