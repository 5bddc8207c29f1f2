import type { Job } from "@berth/sdk";
import { formatDuration, formatSize } from "@berth/protocol/units";
import { outcomeCode } from "@berth/protocol/outcome";
import { exitCodes } from "../../core/exit-codes.ts";
import { inFlags } from "../../core/text/in-flags.ts";

/** The exit code of `berth run` and `berth wait`: 0 for a job that succeeded and for no other. */
export function exitCodeOfJob(job: Job): number {
  return outcomeCode(job) ?? exitCodes.error.code;
}

/** How a job ended, in one line. */
export function summaryOf(job: Job): string {
  const { cpuMs, wallMs, peakMemoryBytes } = job.usage;
  const parts = [
    wallMs === null ? null : formatDuration(wallMs),
    cpuMs === null ? null : `CPU ${formatDuration(cpuMs)}`,
    peakMemoryBytes === null ? null : `memory ${formatSize(peakMemoryBytes)}`,
    job.id,
  ].filter((part) => part !== null);
  const why = job.state === "succeeded" || job.cause === null ? "" : `: ${inFlags(job.cause.message)}`;
  return `${job.state}${why} (${parts.join(", ")})`;
}

/** What else is worth knowing of an end, beside its cause: what was not taken or refused. */
export function notesOf({ cause, usage, retry }: Job): string[] {
  const { problems, pidsRefused, networkRefused } = cause?.evidence ?? {};
  const notes: string[] = retry === undefined ? [] : retryNotes(retry);
  if (typeof problems === "string") notes.push(problems);
  if (typeof networkRefused === "string") notes.push(networkRefused);
  if (typeof pidsRefused === "number") {
    const times = pidsRefused === 1 ? "once" : `${pidsRefused} times`;
    notes.push(`A new process or thread was refused ${times}: raise \`--pids\` if it needs more`);
  }
  const { outputDropped } = usage;
  if (typeof outputDropped === "number" && outputDropped > 0) {
    notes.push(
      `${formatSize(outputDropped)} of output past its limit were discarded: raise \`--output-limit\` to keep more`,
    );
  }
  return notes;
}

/** When it is to be run again its cause says. */
function retryNotes({ attempt, retryOf, retriedAs, notRetried }: NonNullable<Job["retry"]>): string[] {
  return [
    retryOf === null ? null : `Attempt ${attempt}: the first run is ${retryOf}`,
    retriedAs === null ? null : `It was run again as ${retriedAs}`,
    notRetried === null ? null : `It is not run again after all: ${inFlags(notRetried)}`,
  ].filter((note) => note !== null);
}

/** Why a job is where it is, in a few words, and whether that is all. */
export function shortCause(job: Job): string {
  const { retriedAs = null, retryAt = null, notRetried = null } = job.retry ?? {};
  if (retriedAs !== null) return `${causeOf(job)}, run again`;
  return retryAt === null || notRetried !== null ? causeOf(job) : `${causeOf(job)}, due again`;
}

function causeOf({ cause, exitCode, signal }: Job): string {
  if (cause?.code === "exit" && exitCode !== null) return `exit ${exitCode}`;
  if (cause?.code === "signal" && signal !== null) return signal;
  return cause?.code ?? "";
}

/** Running time: until now for a job that runs. */
export function runningTime({ startedAt, endedAt, usage }: Job, now: number): string {
  if (usage.wallMs !== null && endedAt !== null) return formatDuration(usage.wallMs);
  if (startedAt === null) return "";
  const until = endedAt === null ? now : Date.parse(endedAt);
  return formatDuration(wholeSeconds(until - Date.parse(startedAt)));
}

/** Time since a moment, in its largest unit: `45s`, `3m`, `2h`, `5d`. */
export function age(at: string, now: number): string {
  const seconds = Math.max(Math.floor((now - Date.parse(at)) / 1000), 0);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Not rounded up: nothing has run for longer than it is old. */
function wholeSeconds(ms: number): number {
  return Math.max(Math.floor(ms / 1000) * 1000, 0);
}
