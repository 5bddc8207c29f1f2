import { isTerminal, outputStreams, type Problem } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { requestInvalid } from "../../core/input/check.ts";
import type { Job } from "../../core/job/job.ts";
import { viewJob } from "../../core/job/job-view.ts";
import { abortable, joinSignals } from "../../lib/signals.ts";
import type { Context } from "../../operations/context.ts";
import type { JobRequest } from "../../operations/jobs/find-job.ts";
import { getJob } from "../../operations/jobs/get-job.ts";
import { readOutput } from "../../operations/jobs/read-output.ts";
import { stopJob } from "../../operations/jobs/stop-job.ts";
import { waitForEnd } from "../../operations/jobs/wait-for-end.ts";
import type { Command, CommandBody, OutputChunk, OutputOptions } from "./command.ts";

/** What a command needs of the executor it belongs to. */
export interface CommandOwner {
  context: Context;
  /** Whoever calls into this process: each request of it is one of its own. */
  caller: () => Caller;
  /** Aborts when the executor closes; the reason is what every call after that throws. */
  closing: AbortSignal;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function commandOf(owner: CommandOwner, id: string): Command {
  const { context, caller, closing } = owner;
  const request = (): JobRequest => ({ caller: caller(), id });
  const wait: Command["wait"] = async ({ signal = closing } = {}) => {
    using held = context.locks.hold(caller().principal);
    using joined = joinSignals(held.signal, closing, signal);
    for (;;) {
      joined.signal.throwIfAborted();
      const waiting = waitForEnd(context, {
        ...request(),
        timeoutMs: LONGEST_TIMER_MS,
        signal: joined.signal,
      });
      const job = await abortable(waiting, joined.signal);
      if (isTerminal(job.state)) return bodyOf(job);
    }
  };
  const stop: Command["stop"] = async (graceMs) => {
    closing.throwIfAborted();
    refuseProblems(graceProblems(graceMs));
    await stopJob(context, { ...request(), graceMs: graceMs ?? null });
    return await wait();
  };
  return {
    id,
    output: (options = {}) => ({ [Symbol.asyncIterator]: () => read(owner, { id, options }) }),
    async status() {
      closing.throwIfAborted();
      return bodyOf(await getJob(context, request()));
    },
    wait,
    stop,
    kill: () => stop(0),
  };
}

function bodyOf(job: Job): CommandBody {
  const { resultJson } = job;
  const result = resultJson === null ? null : (JSON.parse(resultJson) as unknown);
  return { ...viewJob(job), spec: job.spec.view, result, resultJson };
}

async function* read(
  { context, caller, closing }: CommandOwner,
  { id, options }: { id: string; options: OutputOptions },
): AsyncGenerator<OutputChunk, void> {
  closing.throwIfAborted();
  refuseProblems(outputProblems(options));
  const { stream = "all", offset = 0, follow = true } = options;
  using held = context.locks.hold(caller().principal);
  using joined = joinSignals(held.signal, closing, options.signal ?? closing);
  const { signal } = joined;
  const chunks = await readOutput(context, { caller: caller(), id, stream, offset, follow, signal });
  // Nothing is given back for another use: the caller may keep `data`.
  for await (const { stream: from, data, at, offset: begin } of chunks) {
    yield { stream: from, data, at, offset: begin };
  }
}

function outputProblems({ stream = "all", offset = 0 }: OutputOptions): Problem[] {
  const isOffset = Number.isSafeInteger(offset) && offset >= 0;
  return [
    ...(outputStreams.includes(stream)
      ? []
      : [{ field: "stream", message: `must be one of ${outputStreams.join(", ")}` }]),
    ...(isOffset ? [] : [{ field: "offset", message: "must be a whole number of bytes, 0 or more" }]),
  ];
}

function graceProblems(graceMs: number | undefined): Problem[] {
  if (graceMs === undefined || (Number.isSafeInteger(graceMs) && graceMs >= 0)) return [];
  return [{ field: "graceMs", message: "must be a whole number of milliseconds, 0 or more" }];
}

function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw requestInvalid(problems);
}
