import type { Job } from "../../core/job/job.ts";
import { taskWaitCause, waitCause } from "../../core/cause/wait-cause.ts";
import type { Context } from "../context.ts";
import { findJob, type JobRequest } from "./find-job.ts";

/** The job as of now: a queued one says why it waits, a running one what it has used so far. */
export async function getJob(context: Context, request: JobRequest): Promise<Job> {
  return withPresent(context, await findJob(context, request));
}

/** Adds what is true only now and therefore not stored. */
export async function withPresent(context: Context, job: Job): Promise<Job> {
  switch (job.state) {
    case "queued": {
      return { ...job, cause: await causeOfWait(context, job) };
    }
    case "running":
    case "stopping":
      return { ...job, usage: await usageNow(context, job) };
    default:
      return job;
  }
}

async function causeOfWait({ store, scheduler }: Context, job: Job): Promise<Job["cause"]> {
  if (job.task?.room?.waits === true) {
    const { name: task, room } = job.task;
    return taskWaitCause({
      task,
      most: room.most,
      ahead: await store.jobs.aheadInTask({ id: job.id, task }),
    });
  }
  const ahead = await store.jobs.aheadOf(job);
  const { owners, ...slots } = scheduler.slots(job.engine);
  const isAmongThem = scheduler.waitingOf(job.engine, job.owner) > 0;
  return waitCause({
    ahead,
    others: isAmongThem ? owners - 1 : owners,
    quota: scheduler.shortage(job),
    ...slots,
  });
}

async function usageNow({ engines, logs, now }: Context, job: Job): Promise<Job["usage"]> {
  const handle = job.handle;
  const stats = handle === null ? null : await engines.get(job.engine)?.stats(handle);
  const sizes = await logs.sizes(job.id);
  return {
    cpuMs: stats?.cpuMs ?? null,
    wallMs: job.startedAt === null ? null : now() - job.startedAt,
    peakMemoryBytes: stats?.peakMemoryBytes ?? null,
    outputBytes: sizes.stdout + sizes.stderr,
  };
}
