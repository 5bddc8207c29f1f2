import type { EngineUsage, Exit } from "../../engine.ts";
import type { InitKind } from "../bundle/init-command.ts";
import type { JobGroups } from "../groups/job-groups.ts";
import { judgeExit } from "./judge-exit.ts";
import { shimGone, type Workload } from "./workload.ts";

const NOTHING_MEASURED: EngineUsage = {
  cpuMs: null,
  peakMemoryBytes: null,
  pidsPeak: null,
  pidsRefused: null,
};

/** Waits until the job's shim and its whole tree are gone, and says how it ended. */
export async function settle(
  job: Workload,
  { groups, init }: { groups: JobGroups; init: InitKind },
): Promise<Exit> {
  await shimGone(job);
  const { group, ownProcesses, diskBytes } = job.facts;
  // The runtime ends after the job's process namespace; something is left only where it was killed itself.
  if (groups.isPopulated(group)) await groups.kill(group);
  return judgeExit({
    status: job.folder.status(),
    endedAt: job.folder.endedAt(),
    usage: groups.usage(group, ownProcesses) ?? NOTHING_MEASURED,
    memory: groups.memory(group),
    init: job.folder.initReport(),
    initReports: init.reports,
    runtimeLog: job.folder.runtimeLog(),
    diskBytes,
    diskUsed: job.diskUsed,
    sent: job.sent,
  });
}
