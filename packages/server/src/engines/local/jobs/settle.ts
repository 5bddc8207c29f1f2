import { statfsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineUsage, Exit } from "../../engine.ts";
import type { JobGroups } from "../groups/job-groups.ts";
import type { EndRecord } from "./end-record.ts";
import { judgeExit, mayBeFileTooLarge } from "./judge-exit.ts";
import { isOver, type Measured } from "../disk/disk-watch.ts";
import { measureFew } from "../disk/measure-few.ts";
import { endTold, shimGone, type Workload } from "./workload.ts";

const NOTHING_MEASURED: EngineUsage = {
  cpuMs: null,
  peakMemoryBytes: null,
  pidsPeak: null,
  pidsRefused: null,
};

export interface SettleOptions {
  groups: JobGroups;
  /** What its folder takes; null when nobody can say. */
  measure: (job: Workload) => Promise<Measured | null>;
  /** Files and folders that one job may have; null for any number. */
  mostFiles: number | null;
  /** Called when nothing of it runs any more, before the rest of its end is found out. */
  onGone: () => void;
}

/** Waits until nothing of the job runs any more but, at most, its pid 1 that is about to end, and says how it ended. */
export async function settle(
  job: Workload,
  { groups, measure, mostFiles, onGone }: SettleOptions,
): Promise<Exit> {
  const { group, ownProcesses, diskBytes } = job.facts;
  // Something is left only where a process waits in the kernel.
  const isGone = await treeGone(job, groups);
  onGone();
  const record = job.folder.end();
  const used = record?.used ?? null;
  const exit = judgeExit({
    record,
    usage:
      (used ? groups.usageOf(used, ownProcesses) : groups.usage(group, ownProcesses)) ?? NOTHING_MEASURED,
    memory: used ? null : groups.memory(group),
    diskBytes,
    mostFiles,
    diskUsed: job.diskUsed ?? (await overfull(job, { measure, record, mostFiles })),
    hasLostNetwork: job.hasLostNetwork,
    sent: job.sent,
    isGone,
  });
  const full = exit.verdict === null && exit.code !== 0 ? fullDisk(job.work) : null;
  return {
    ...exit,
    ...(full !== null && { hostProblem: exit.hostProblem ? `${exit.hostProblem}; ${full}` : full }),
    ...(!isGone && { remaining: groups.pids(group).length }),
  };
}

/** So long a shim has for what is left to do once its tree is gone: to store what lies in two pipes. */
const SHIM_PATIENCE_MS = 30_000;

/** False when processes of the job are left after KILL and all patience: then its shim may still wait for them. */
async function treeGone(job: Workload, groups: JobGroups): Promise<boolean> {
  const { group } = job.facts;
  const isKilled = async (): Promise<boolean> => !groups.isPopulated(group) || (await groups.kill(group));
  // Pid 1 ends after all others of its namespace, and tells it when they have; a shim that has taken the groups away has
  // seen that nobody was left in them.
  const isTold = (): boolean => job.attachment?.isEnded === true || job.attachment?.hasLeftGroups === true;
  const afterKill = async (): Promise<boolean> => {
    await job.killed.promise;
    if (!(await isKilled())) return false;
    // One that somebody has stopped would be waited for for ever. Pid 1 has told what it could.
    await Promise.race([shimGone(job), delay(SHIM_PATIENCE_MS, undefined, { ref: false })]);
    return true;
  };
  return await Promise.race([endTold(job).then(() => isTold() || isKilled()), afterKill()]);
}

/** What is left where nothing more can be written: the server's own reserve, and a little. */
const NO_ROOM_BYTES = 16 * 2 ** 20;

/** A job that got no room on the server's disk says so in its own words, or not at all; null where there is room. */
function fullDisk(work: string): string | null {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(work);
    if (bavail * bsize < NO_ROOM_BYTES) return "The server's data disk was full when the job ended";
    return files > 0 && ffree === 0
      ? "The server's data disk could hold no more files when the job ended"
      : null;
  } catch {
    return "The server's data disk could not be looked at when the job ended";
  }
}

/**
 * What the folder holds, when that is more than it may. Looked at once more at the end: what was written last nobody has
 * measured yet. Where a file seems to have been too large, all that it may is enough.
 */
async function overfull(
  job: Workload,
  { measure, record, mostFiles }: Pick<SettleOptions, "measure" | "mostFiles"> & { record: EndRecord | null },
): Promise<Measured | null> {
  const { diskBytes } = job.facts;
  if (diskBytes === null) return null;
  const measured = fewIn(job.work) ?? (await measure(job).catch(() => null));
  if (measured === null) return null;
  const { bytes, largestBytes } = measured;
  const atLimit = mayBeFileTooLarge(record) && Math.max(bytes, largestBytes) >= diskBytes;
  if (atLimit) return { ...measured, bytes: Math.max(bytes, diskBytes) };
  return isOver(measured, { bytes: diskBytes, files: mostFiles }) ? measured : null;
}

function fewIn(folder: string): Measured | null {
  try {
    return measureFew(folder);
  } catch {
    return null;
  }
}
