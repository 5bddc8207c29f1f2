import type { Quota } from "@berth/protocol";
import type { StoredQuota } from "../../core/queue/subject.ts";
import type { Context } from "../context.ts";
import { readHistory } from "../jobs/submit/within-quota.ts";
import { storedOf } from "./stored-room.ts";

/** A quota with what is used of it now, as the contract tells it. */
export async function shownQuota(context: Context, quota: StoredQuota): Promise<Quota> {
  const { quotas, now } = context;
  const { subject, cpuMilli, ...bounds } = quota;
  const { jobsPerHour } = bounds;
  if (jobsPerHour !== null && quotas.wantsHistory(subject))
    await readHistory(context, { subject, jobsPerHour });
  const stored = await storedOf(context, subject);
  const used = quotas.useOf(subject, { bounds: quota, now: now() });
  return {
    user: subject.kind === "user" ? subject.name : null,
    group: subject.kind === "group" ? subject.name : null,
    ...bounds,
    cpu: cpuMilli === null ? null : cpuMilli / 1000,
    used: {
      jobs: used.jobs,
      jobsPerHour: used.jobsPerHour,
      cpu: used.cpuMilli / 1000,
      memory: used.memory,
      storedBytes: stored,
    },
  };
}
