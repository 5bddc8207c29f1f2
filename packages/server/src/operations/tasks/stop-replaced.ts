import { operations } from "@berth/protocol";
import { stopCause } from "../../core/cause/stop-cause.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Job } from "../../core/job/job.ts";
import type { Context } from "../context.ts";

/**
 * Stops the oldest runs of a task, as many as keep a run waiting that takes the place of one: whoever defined the task said so,
 * so the caller needs no right on them. What has ended meanwhile stays as it ended.
 */
export async function stopReplaced(
  { store, scheduler, audit, policy, now, sinceBoot }: Context,
  { caller, job }: { caller: Caller; job: Job },
): Promise<void> {
  const { name, room } = job.task ?? { name: "" };
  const before = await store.jobs.runsBefore({ id: job.id, task: name });
  const tooMany = Math.max(0, before.length + 1 - (room?.most ?? 1));
  for (const id of before.slice(0, tooMany)) {
    const about = { task: name, replacedBy: job.id };
    const asked = await store.jobs.update(id, {
      audit: audit.entry(caller, { ...operations.stopJob.permission, name: id, about }),
      stop: {
        cause: stopCause.replaced(name, job.id),
        graceMs: policy.stopGraceMs,
        requestedAt: now(),
        requestedSinceBoot: sinceBoot(),
      },
    });
    if (asked !== null) scheduler.wake(id);
  }
}
