import { type End, endOfStop, endOfVerdict } from "../../core/job/end.ts";
import type { Job } from "../../core/job/job.ts";
import { stopCause } from "../../core/cause/stop-cause.ts";
import { EngineError } from "../../engines/engine.ts";
import type { ReconcilerContext } from "../context.ts";
import { LaunchRefused } from "./launches/launcher.ts";
import { StartTimeout, StopAsked } from "./start-signal.ts";

/** The end of a job, or of a stage of it, that could not be started. */
export function whyNotStarted(
  context: Pick<ReconcilerContext, "report">,
  error: unknown,
  { job }: { job: Pick<Job, "id" | "limits"> },
): End {
  const { startMs } = job.limits;
  if (error instanceof LaunchRefused) return error.end;
  if (error instanceof StopAsked) return endOfStop(error.stop);
  if (error instanceof StartTimeout && startMs)
    return { state: "failed", cause: stopCause.startTimeout(startMs) };
  if (error instanceof EngineError && error.verdict) return endOfVerdict(error.verdict);
  if (error instanceof EngineError && error.blame === "job") {
    return { state: "failed", cause: stopCause.commandFailed(error.message, error.programFound) };
  }
  context.report.fault(`Cannot start job "${job.id}"`, error);
  const reason = error instanceof EngineError ? error.message : "unexpected fault, see the server's log";
  return { state: "failed", cause: stopCause.engineFailed(reason) };
}
