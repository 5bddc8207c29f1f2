import type { Job } from "../../core/job/job.ts";
import { aboutUserStage } from "../../core/stages/event-stage.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import type { PassedState } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";

/** A job that was handed to the runtime. Let go of when nobody follows it any more. */
export interface RunningJob extends Disposable {
  job: Job & { handle: string };
  /** It had ended by itself before anybody watched over it: no clock of it is running any more. */
  ended: boolean;
  /** How long ago it was started when it was taken up; null where it was started just now, or nobody knows. */
  ageMs: number | null;
  /** How long ago an earlier server asked it to stop, where the engine knows. */
  stopAgeMs?: number | undefined;
  /** The start, while it is not recorded: then it is recorded with the end, which is one write less. */
  unrecorded: () => PassedState | null;
}

/**
 * Jobs of this length or less cost one write of the disk instead of two. Where as many come as two cores can take, even those
 * that do nothing last for longer than 20 ms.
 */
const recordAfterMs = 50;

/**
 * The job as it runs since `startedAt`. Its start is recorded a moment later, with the time it had; where that never
 * comes, because the server ends before, the next one learns from the engine when it began.
 */
export function runningSince(
  context: Pick<ReconcilerContext, "store" | "clock" | "report">,
  job: Job & { handle: string },
  {
    startedAt,
    ended,
    ageMs,
    stopAgeMs,
    revisit,
  }: { startedAt: number; revisit: () => void } & Pick<RunningJob, "ended" | "ageMs" | "stopAgeMs">,
): RunningJob {
  const { store, clock, report } = context;
  const { isolation } = job;
  const { runMs } = job.limits;
  const running = { ...job, startedAt, deadlineAt: runMs === null ? null : startedAt + runMs.value };
  let isRecorded = false;
  // The end records the start too, as far as the write below has not done it by then.
  let isLeftToEnd = false;
  const record = (): void => {
    store.jobs
      .transition(job.id, "running", {
        at: startedAt,
        startedAt,
        isolation,
        ...aboutUserStage(job, "running"),
      })
      .then(
        (stored) => {
          isRecorded = true;
          crashPoint("running");
          if (!isLeftToEnd) report.jobStarted(stored ?? running);
          // Somebody extended the job before its start was recorded.
          if (stored?.deadlineAt !== running.deadlineAt) revisit();
        },
        (error: unknown) => {
          // The job runs all the same; its start is recorded with its end.
          report.fault(`Cannot record the start of job "${job.id}"`, error);
        },
      );
  };
  const cancel = clock.setTimer(clock.now() + recordAfterMs, record);
  return {
    job: running,
    ended,
    ageMs,
    stopAgeMs,
    unrecorded() {
      cancel();
      if (isRecorded && !isLeftToEnd) return null;
      isLeftToEnd = true;
      return { state: "running", at: startedAt, ...aboutUserStage(job, "running") };
    },
    [Symbol.dispose]: cancel,
  };
}

/** A job whose start was recorded before. */
export function takenUp(
  job: Job & { handle: string },
  { ended, ageMs, stopAgeMs }: Pick<RunningJob, "ended" | "ageMs" | "stopAgeMs">,
): RunningJob {
  return { job, ended, ageMs, stopAgeMs, unrecorded: () => null, [Symbol.dispose]: () => undefined };
}
