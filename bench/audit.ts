import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleEntry } from "../packages/server/test/support/sample-audit.ts";
import { noInputs, sampleJob } from "../packages/server/test/support/sample-job.ts";
import { openSqliteStore } from "../packages/server/src/store/sqlite/open.ts";
import type { Bench } from "./bench.ts";
import type { Client } from "./measure/client.ts";
import { runJob } from "./measure/jobs.ts";
import type { Row } from "./measure/row.ts";
import { startServer } from "./measure/server.ts";
import { standby } from "./measure/standby.ts";
import { median } from "./measure/statistics.ts";
import { warmUp, warmUpJobs } from "./measure/warm-up.ts";

const JOBS = 400;

/** What its records add to storing a job, and to a job from its request to its exit. */
export async function measureAudit(bench: Bench): Promise<Row[]> {
  return [...(await measureStoring(bench)), await measureWhole(bench)];
}

/** Two servers, one of which records nothing of jobs: job by job in turns, each first every other time. */
async function measureWhole({ server: { folder }, rounds, scale }: Bench): Promise<Row> {
  // The hook finds modules, not what became of them in a bundle: both run from the sources.
  const env = { BERTH_FROM_SOURCE: "1" };
  const hook = new URL("measure/without-audit.ts", import.meta.url).href;
  await using recorded = await startServer(join(folder, "recorded"), { name: "recorded", env });
  await using unrecorded = await startServer(join(folder, "unrecorded"), {
    name: "unrecorded",
    env: { ...env, NODE_OPTIONS: `--import ${hook}` },
  });
  const both = [unrecorded.client, recorded.client] as const;
  const [floor, berth]: [number[], number[]] = [[], []];
  for (const client of both) await warmUp(() => runJob(client), warmUpJobs * scale);
  const one = async (client: Client): Promise<number> => {
    await standby(client);
    return (await runJob(client)).ms;
  };
  for (let n = 0; n < Math.ceil(JOBS * scale) * rounds; n += 1)
    for (const client of n % 2 === 0 ? both : both.toReversed())
      (client === recorded.client ? berth : floor).push(await one(client));
  if ((await recordsOf(unrecorded.client)) > 0 || (await recordsOf(recorded.client)) === 0)
    throw new Error("One of the two servers records what it should not, or records nothing");
  const what = "submit to exit, warm, against a server that records nothing of jobs";
  return {
    what,
    unit: "ms",
    berth: median(berth),
    floor: median(floor),
    goal: { kind: "ratio", atMost: 1.05 },
  };
}

async function recordsOf(client: Client): Promise<number> {
  const { body } = await client.send("GET", "/api/v1/audit?resource=jobs&limit=5");
  return (JSON.parse(body) as { items: object[] }).items.length;
}

/** What its record adds to storing a job, alone and durably: both in turn, job by job, in one database. */
async function measureStoring({ rounds, scale }: Bench): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "berth-audit-"));
  try {
    await using store = await openSqliteStore({ path: join(folder, "berth.db") });
    const insert = async (isRecorded: boolean): Promise<number> => {
      const job = sampleJob({ state: "preparing" });
      const began = performance.now();
      const audit = isRecorded ? { audit: sampleEntry({ name: job.id, resource: "jobs" }) } : {};
      await store.jobs.insert({ job, inputs: noInputs, idempotency: null, ...audit });
      return performance.now() - began;
    };
    const [without, recorded]: [number[], number[]] = [[], []];
    for (let n = 0; n < Math.ceil(JOBS * scale) * rounds; n += 1) {
      without.push(await insert(false));
      recorded.push(await insert(true));
    }
    const [floor, berth] = [median(without), median(recorded)];
    return [
      { what: "Storing a job with its audit record", unit: "ms", berth, floor, goal: { kind: "none" } },
      {
        what: "What the audit record adds to it",
        unit: "ms",
        berth: berth - floor,
        floor: null,
        goal: { kind: "value", atMost: 0.3 },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
