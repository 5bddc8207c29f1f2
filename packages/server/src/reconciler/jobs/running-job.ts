import type { Job } from "../../core/job.ts";
import type { Started } from "../../engines/engine.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import type { PassedState } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";
import type { JobRun } from "./job-run.ts";

/** A job that was handed to the runtime. */
export interface RunningJob {
  job: Job & { handle: string };
  /** Records the start now, if it has not been. */
  record: () => void;
  /** The start, when it has not been recorded: then it is to be recorded with the end, which is one write less. */
  unrecorded: () => PassedState | null;
}

/** Most jobs of this length or less cost one write of the disk instead of two. */
const recordAfterMs = 20;

/** The job as it runs from now on. Its start is recorded a moment later, with the time it had. */
export function startedNow(
  context: ReconcilerContext,
  job: Job & { handle: string },
  { isolation, revisit }: Started & Pick<JobRun, "revisit">,
): RunningJob {
  const { store, clock, report } = context;
  const startedAt = clock.now();
  const deadlineOf = ({ limits }: Job): number | null =>
    limits.runMs === null ? null : startedAt + limits.runMs.value;
  const running = { ...job, startedAt, deadlineAt: deadlineOf(job), isolation };
  let recorded = false;
  const isFirst = (): boolean => {
    cancel();
    const first = !recorded;
    recorded = true;
    return first;
  };
  const record = (deadlineAt = running.deadlineAt): void => {
    if (!isFirst()) return;
    store.jobs.transition(job.id, "running", { at: startedAt, startedAt, deadlineAt, isolation }).then(
      (stored) => {
        crashPoint("running");
        if (stored) report.jobStarted(stored);
        // Somebody extended the job before its start was recorded.
        if (stored?.deadlineAt !== running.deadlineAt) revisit();
      },
      // The job runs all the same; its end is recorded with its start time.
      (error: unknown) => report.fault(`Cannot record the start of job "${job.id}"`, error),
    );
  };
  const recordAsItIs = async (): Promise<void> => {
    const now = await store.jobs.get(job.id).catch(() => null);
    record(now ? deadlineOf(now) : running.deadlineAt);
  };
  const cancel = clock.setTimer(startedAt + recordAfterMs, () => void recordAsItIs());
  return {
    job: running,
    record: () => record(),
    unrecorded: () =>
      isFirst() ? { state: "running", at: startedAt, deadlineAt: running.deadlineAt } : null,
  };
}

/** A job that an earlier server had begun, as it is stored. */
export function takenUp(job: Job & { handle: string }): RunningJob {
  return { job, record: () => undefined, unrecorded: () => null };
}
