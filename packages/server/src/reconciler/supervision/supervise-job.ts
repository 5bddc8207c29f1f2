import type { Job, StopRequest } from "../../core/job/job.ts";
import { aboutUserStage } from "../../core/stages/event-stage.ts";
import { stopCause } from "../../core/cause/stop-cause.ts";
import type { Engine, Exit } from "../../engines/engine.ts";
import type { PassedState } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";
import { JobClocks } from "./clocks.ts";
import { finishOutput } from "./finish-output.ts";
import { Stopper } from "./stopper.ts";

export interface Supervised {
  exit: Exit;
  /** The stop that was acted on before the end, or the limit that its last output passed; null when the job ended by itself. */
  stop: StopRequest | null;
  outputBytes: { stdout: number; stderr: number };
}

export interface Supervision {
  context: ReconcilerContext;
  engine: Engine;
  /** Aborted when the server goes down: the job is left running. */
  signal: AbortSignal;
  /** Registers what to call when the job has changed in the store. */
  onChange: (look: () => void) => void;
  /** The job had ended before: its clocks stand still. */
  ended: boolean;
  /** How long ago it was started when it was taken up. */
  ageMs: number | null;
  /** How long ago an earlier server asked it to stop, where the engine knows. */
  stopAgeMs?: number | undefined;
  unrecorded: () => PassedState | null;
}

/**
 * Watches over a running job to its end: exit, stop request, run, idle and CPU clocks. They race; the
 * first that stops the job becomes its cause. Rejects with the signal's reason when the server goes down first.
 */
export async function superviseJob(
  job: Job & { handle: string },
  supervision: Supervision,
): Promise<Supervised> {
  const { context, engine, signal, ended, ageMs, unrecorded } = supervision;
  using stopper = new Stopper({
    context,
    engine,
    job,
    unrecorded,
    about: aboutUserStage(job, "stopping"),
  });
  const follower = context.logs.follow(job.id, {
    startedAt: ageMs === null ? (job.startedAt ?? context.clock.now()) : context.clock.now() - ageMs,
    steppedMs: steppedMs(job, { ageMs, now: context.clock.now() }),
  });
  using clocks = ended
    ? null
    : new JobClocks(job, {
        ageMs,
        clock: context.clock,
        engine,
        follower,
        graceMs: context.settings.stopGraceMs,
        strike: (stop) => stopper.request(stop),
      });
  // A stop that nobody acted on before the end did not bring it about.
  if (job.stop && (!ended || job.state === "stopping")) stopper.resume(job.stop, supervision.stopAgeMs);
  supervision.onChange(() => void look({ job, context, stopper, clocks }));
  try {
    const exit = await engine.wait(job.handle, signal);
    // The engine's answer to a stop says whether KILL was needed.
    await stopper.settled();
    const { stop } = stopper;
    const outputBytes = await finishOutput(context, { follower, what: `job "${job.id}"`, signal });
    return { exit, stop: stop ?? overLimit(job, exit, context.clock.now()), outputBytes };
  } catch (error) {
    await follower.detach();
    throw error;
  }
}

/** The engine ends a job at its output limit by itself, also while no server is there; no more was kept than that. */
function overLimit({ limits }: Job, { output, signal, endedAt }: Exit, now: number): StopRequest | null {
  const { overLimit: stream, dropped } = output;
  if (stream === null || limits.overflow === "discard") return null;
  const bytes = limits.outputBytes.value + (dropped?.[stream] ?? 0);
  const cause = stopCause.outputLimit(limits.outputBytes, stream, bytes);
  const evidence = { ...cause.evidence, forced: signal === "SIGKILL" };
  return { cause: { ...cause, evidence }, graceMs: 0, requestedAt: endedAt ?? now };
}

async function look({
  job,
  context,
  stopper,
  clocks,
}: {
  job: Job;
  context: ReconcilerContext;
  stopper: Stopper;
  clocks: JobClocks | null;
}): Promise<void> {
  try {
    const now = await context.store.jobs.get(job.id);
    if (!now || now.handle === null) return;
    if (now.stop) stopper.request(now.stop);
    clocks?.update({ ...now, handle: now.handle });
  } catch (error) {
    context.report.fault(`Cannot read job "${job.id}"`, error);
  }
}

/** How far somebody has set the clock forward or back since the job was started. */
function steppedMs({ startedAt }: Job, { ageMs, now }: { ageMs: number | null; now: number }): number {
  return ageMs === null || startedAt === null ? 0 : now - ageMs - startedAt;
}
