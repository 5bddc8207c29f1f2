import {
  isTerminal,
  type Job as JobBody,
  outputStreams,
  type OutputStream,
  type Problem,
} from "@berth/protocol";
import { requestInvalid } from "../../core/input/check.ts";
import type { Job } from "../../core/job.ts";
import { viewJob } from "../../core/job-view.ts";
import type { Principal } from "../../core/principal.ts";
import { abortable, joinSignals } from "../../lib/signals.ts";
import type { Context } from "../../operations/context.ts";
import { getJob } from "../../operations/jobs/get-job.ts";
import { readOutput } from "../../operations/jobs/read-output.ts";
import { stopJob } from "../../operations/jobs/stop-job.ts";
import { waitForEnd } from "../../operations/jobs/wait-for-end.ts";

/** One command that was started. It holds nothing open; make as many as you like for one id. */
export interface Command {
  readonly id: string;
  /**
   * What it writes, from the first byte (or `offset`) to its end, as it comes. Every loop over it is a reader of its
   * own, begins anew, and goes at its own pace; any number may read at any time, also after the end. Leaving the loop
   * ends the reader. Throws OFFSET_OUT_OF_RANGE; SHUTTING_DOWN when the executor is disposed while the command goes on.
   */
  output(options?: OutputOptions): AsyncIterable<OutputChunk>;
  /** The command as it is now: state, cause, exit code, what it has used, what isolation it got. */
  status(): Promise<JobBody>;
  /** Resolves at its end, however that comes; never rejects because the command failed. */
  wait(options?: { signal?: AbortSignal | undefined }): Promise<JobBody>;
  /**
   * TERM, `graceMs` of patience, then KILL of everything it has started; resolves when all of it is gone. Whether KILL
   * was needed is in `cause.evidence.forced`. Of one that has ended already, the end as it was.
   *
   * @param graceMs default: the executor's `stopGraceMs`
   */
  stop(graceMs?: number): Promise<JobBody>;
  /** The same without patience. */
  kill(): Promise<JobBody>;
}

export interface OutputOptions {
  /** Default `all`: both streams, in the order in which they were seen, the same for every reader. */
  stream?: OutputStream | undefined;
  /** Where to begin, in bytes of that stream. Default 0. */
  offset?: number | undefined;
  /** Whether to go on until the end of the command. Default true; false ends with what is there now. */
  follow?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** Up to 64 KiB of one stream. */
export interface OutputChunk {
  stream: "stdout" | "stderr";
  data: Uint8Array;
  /** When it was seen, in epoch milliseconds. */
  at: number;
  /** Where it begins, in bytes of the stream that was asked for. */
  offset: number;
}

/** What a command needs of the executor it belongs to. */
export interface CommandOwner {
  context: Context;
  principal: Principal;
  /** Aborts when the executor closes; the reason is what every call after that throws. */
  closing: AbortSignal;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function commandOf(owner: CommandOwner, id: string): Command {
  const { context, principal, closing } = owner;
  const request = { principal, id };
  const wait: Command["wait"] = async ({ signal = closing } = {}) => {
    using joined = joinSignals(closing, signal);
    for (;;) {
      joined.signal.throwIfAborted();
      const waiting = waitForEnd(context, { ...request, timeoutMs: LONGEST_TIMER_MS, signal: joined.signal });
      const job = await abortable(waiting, joined.signal);
      if (isTerminal(job.state)) return bodyOf(job);
    }
  };
  const stop: Command["stop"] = async (graceMs) => {
    closing.throwIfAborted();
    refuseProblems(graceProblems(graceMs));
    await stopJob(context, { ...request, graceMs: graceMs ?? null });
    return await wait();
  };
  return {
    id,
    output: (options = {}) => ({ [Symbol.asyncIterator]: () => read(owner, { id, options }) }),
    async status() {
      closing.throwIfAborted();
      return bodyOf(await getJob(context, request));
    },
    wait,
    stop,
    kill: () => stop(0),
  };
}

function bodyOf(job: Job): JobBody {
  return {
    ...viewJob(job),
    result: job.resultJson === null ? null : (JSON.parse(job.resultJson) as unknown),
  };
}

async function* read(
  { context, principal, closing }: CommandOwner,
  { id, options }: { id: string; options: OutputOptions },
): AsyncGenerator<OutputChunk, void> {
  closing.throwIfAborted();
  refuseProblems(outputProblems(options));
  const { stream = "all", offset = 0, follow = true } = options;
  using joined = joinSignals(closing, options.signal ?? closing);
  const { signal } = joined;
  const chunks = await readOutput(context, { principal, id, stream, offset, follow, signal });
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
