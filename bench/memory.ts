import { setTimeout as pause } from "node:timers/promises";
import type { Bench } from "./bench.ts";
import { stopJob, submitJob, waitForState } from "./measure/jobs.ts";
import { namespaceOf, proportionalBytes, residentBytes, treeOf } from "./measure/processes.ts";
import { readMetric } from "./measure/metrics.ts";
import type { Row } from "./measure/row.ts";
import { standby } from "./measure/standby.ts";

const MIB = 2 ** 20;
const JOBS = 100;
const SETTLE_MS = 3000;

/** What the server holds when nothing runs, and what a running job costs beside its own processes. */
export async function measureMemory({ server, scale }: Bench): Promise<Row[]> {
  await pause(SETTLE_MS);
  const waiting = await standby(server.client, 2);
  const idle = residentBytes(server.pid);
  const whole = treeOf(server.pid).reduce((sum, pid) => sum + proportionalBytes(pid), 0);
  const pool = await readMetric(server.client, 'berth_warm_sandboxes_bytes{engine="local"}');
  const before = outsideJobs(server.pid);
  const ids: string[] = [];
  for (let i = 0; i < Math.ceil(JOBS * scale); i++) {
    const { id } = await submitJob(server.client, { command: "/bin/sleep", args: ["600"] });
    ids.push(id);
  }
  for (const id of ids) await waitForState(server.client, id, "running");
  await pause(SETTLE_MS);
  const perJob = (outsideJobs(server.pid) - before) / ids.length;
  await Promise.all(ids.map((id) => stopJob(server.client, id)));
  return [
    {
      what: "idle server, resident",
      unit: "MiB",
      berth: idle / MIB,
      floor: null,
      goal: { kind: "value", atMost: 130 },
    },
    {
      what: `idle server with ${waiting} waiting sandboxes, all processes (PSS)`,
      unit: "MiB",
      berth: whole / MIB,
      floor: null,
      goal: { kind: "value", atMost: 130 + waiting },
    },
    {
      what: "a waiting sandbox, all its processes (PSS)",
      unit: "MiB",
      berth: pool / waiting / MIB,
      floor: null,
      goal: { kind: "value", atMost: 1 },
    },
    {
      what: `a running job beside its own processes (of ${ids.length})`,
      unit: "MiB",
      berth: perJob / MIB,
      floor: null,
      goal: { kind: "value", atMost: 2 },
    },
  ];
}

/** Server, spawner, shims and runtimes: all that lives in the server's own pid namespace. */
function outsideJobs(serverPid: number): number {
  const own = namespaceOf(serverPid, "pid");
  return treeOf(serverPid)
    .filter((pid) => namespaceOf(pid, "pid") === own)
    .reduce((sum, pid) => sum + proportionalBytes(pid), 0);
}
