import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleEntry } from "../packages/server/test/support/sample-audit.ts";
import { noInputs, sampleJob } from "../packages/server/test/support/sample-job.ts";
import { openSqliteStore } from "../packages/server/src/store/sqlite/open.ts";
import type { Bench } from "./bench.ts";
import type { Row } from "./measure/row.ts";
import { median } from "./measure/statistics.ts";

const JOBS = 400;

/** What its record adds to storing a job, alone and durably: both in turn, job by job, in one database. */
export async function measureAudit({ rounds, scale }: Bench): Promise<Row[]> {
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
