import type { EngineUsage, Exit } from "../../engine.ts";
import type { InitKind } from "../bundle/init-command.ts";
import type { JobGroups } from "../groups/job-groups.ts";
import { judgeExit, mayBeFileTooLarge } from "./judge-exit.ts";
import type { Spawner } from "../spawner/spawner.ts";
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
  { groups, init, spawner }: { groups: JobGroups; init: InitKind; spawner: Pick<Spawner, "measure"> },
): Promise<Exit> {
  await shimGone(job);
  const { group, ownProcesses, diskBytes } = job.facts;
  // The runtime ends after the job's process namespace; something is left only where it was killed itself.
  const outlived = groups.isPopulated(group);
  if (outlived) await groups.kill(group);
  const status = job.folder.status();
  return judgeExit({
    status,
    outlived,
    endedAt: job.folder.endedAt(),
    usage: groups.usage(group, ownProcesses) ?? NOTHING_MEASURED,
    memory: groups.memory(group),
    init: init.read?.(job.folder.initNote()) ?? null,
    runtimeLog: job.folder.runtimeLog(),
    diskBytes,
    diskUsed: job.diskUsed ?? (mayBeFileTooLarge({ status }) ? await overfull(job, spawner) : null),
    sent: job.sent,
  });
}

/** What the folder holds, when that is all it may: no file can be larger. */
async function overfull(
  { id, facts: { diskBytes } }: Workload,
  spawner: Pick<Spawner, "measure">,
): Promise<number | null> {
  if (diskBytes === null) return null;
  const used = await spawner.measure(id).catch(() => null);
  return used !== null && used >= diskBytes ? used : null;
}
