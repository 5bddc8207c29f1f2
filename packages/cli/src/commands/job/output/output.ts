import type { JobHandle, OutputChunk, OutputOptions } from "@berth/sdk";
import type { Cli } from "../../../core/cli.ts";
import { connectionNotes } from "../../../core/text/connection-notes.ts";
import { defineCommand } from "../../../core/define-command.ts";
import { exitCodes } from "../../../core/exit-codes.ts";
import { pointInTime } from "../../../core/text/point-in-time.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { idFlag, oneId } from "../job-id.ts";
import { idOf } from "../job-reference.ts";
import { wholeNumber } from "../../submit/job-request.ts";
import { lastLines, offsetSince, type Readable, type Stream } from "./find-start.ts";
import { timestamps } from "./timestamps.ts";

export const jobOutput = defineCommand({
  arguments: [{ name: "ID", about: "Job: its id, the beginning of it, or its name", optional: true }],
  flags: {
    ...idFlag,
    follow: { type: "boolean", about: "Go on until the job has ended (a terminal does)", short: "f" },
    "no-follow": { type: "boolean", about: "Show what there is now, on a terminal too" },
    tail: { type: "string", about: "Begin at the last N lines", value: "N", short: "n" },
    since: { type: "string", about: "Begin at this time: 10m (ago), or a date", value: "TIME" },
    timestamps: { type: "boolean", about: "Begin each line with the time it came", short: "t" },
    offset: { type: "string", about: "Begin at this byte of the stream (default 0)", value: "N" },
    stream: {
      type: "string",
      about: "Which stream (default all); one alone goes to stdout",
      value: "STREAM",
      choices: ["all", "stdout", "stderr"],
    },
    stage: { type: "string", about: "Which stage, by kind or id (default: the command)", value: "STAGE" },
    json: { type: "boolean", about: "Print one JSON object a line: stream, offset, at, data (base64)" },
  },
  details: [
    "Without --stream, the job's stdout goes to stdout and its stderr to stderr.",
    "`berth logs` is the same command.",
  ],
  examples: [
    { line: "berth output --follow ID", about: "as it comes" },
    { line: "berth logs --tail 20 --timestamps nightly", about: "its last lines, with their times" },
    { line: "berth output --stream stdout ID > out.txt", about: "one stream, into a file" },
  ],
  async run({ args, flags }, cli) {
    const reference = oneId(args, flags.id);
    const { offset, since, tail } = flags;
    if (offset !== undefined && (since !== undefined || tail !== undefined)) {
      throw new UsageError(
        "Cannot begin at --offset and elsewhere too",
        "Leave out --tail and --since, or --offset",
      );
    }
    const stream = (flags.stream ?? "all") as Stream;
    const start: Start = {
      offset: offset === undefined ? 0 : wholeNumber("--offset", offset),
      since: since === undefined ? null : pointInTime("--since", since),
      lines: tail === undefined ? null : wholeNumber("--tail", tail),
    };
    const follow = flags.follow || (cli.out.isTerminal && !flags["no-follow"] && !flags.json);
    const berth = await cli.dial({ onConnection: connectionNotes(cli.err) });
    const { stage } = flags;
    const handle = ofStage(berth.jobs.handle(await idOf(reference, berth.jobs)), stage);
    if (flags.json || flags.timestamps || start.lines !== null || start.since !== null) {
      const show = flags.json
        ? asLines(cli)
        : asText(cli, { stamped: flags.timestamps, alone: stream !== "all" });
      await showChunks(handle, { start, stream, follow, show });
    } else if (stream === "all") await showBoth(handle, { offset: start.offset, follow }, cli);
    else
      for await (const bytes of handle.raw({ offset: start.offset, follow, stream }))
        await cli.out.write(bytes);
    return exitCodes.ok.code;
  },
});

/** All that is read of the job is read of this stage. */
function ofStage(job: JobHandle, stage: string | undefined): Readable {
  if (stage === undefined) return job;
  return {
    async get() {
      const { stages = [] } = await job.get();
      const found = stages.find(({ id }) => id === stage) ?? stages.findLast(({ kind }) => kind === stage);
      if (found) return found;
      const known = stages.map(({ kind }) => kind).join(", ");
      throw new UsageError(`Cannot find stage "${stage}" of this job`, `Name one of: ${known}`);
    },
    output: (options) => job.output({ ...options, stage }),
    raw: (options) => job.raw({ ...options, stage }),
  };
}

interface Start {
  offset: number;
  since: number | null;
  lines: number | null;
}

async function showBoth(handle: Readable, options: OutputOptions, cli: Cli): Promise<void> {
  for await (const { stream, data } of handle.output(options)) {
    await (stream === "stdout" ? cli.out : cli.err).write(data);
  }
}

/** Chunk by chunk. A start that has to be looked for counts in all of the output: of it the wanted stream is shown. */
async function showChunks(
  handle: Readable,
  {
    start,
    stream,
    follow,
    show,
  }: { start: Start; stream: Stream; follow: boolean; show: (chunk: OutputChunk) => Promise<void> },
): Promise<void> {
  const { since, lines } = start;
  if (since === null && lines === null) {
    for await (const chunk of handle.output({ offset: start.offset, follow, stream })) await show(chunk);
    return;
  }
  let offset = since === null ? 0 : await offsetSince(handle, since);
  if (lines !== null) {
    const tail = await lastLines(handle, { lines, stream, from: offset });
    for (const chunk of tail.chunks) await show(chunk);
    if (!follow) return;
    offset = tail.next;
  }
  for await (const chunk of handle.output({ offset, follow }))
    if (stream === "all" || chunk.stream === stream) await show(chunk);
}

function asText(
  cli: Cli,
  { stamped, alone }: { stamped: boolean; alone: boolean },
): (chunk: OutputChunk) => Promise<void> {
  const stamp = stamped ? timestamps() : ({ data }: OutputChunk): Uint8Array => data;
  return (chunk) => (alone || chunk.stream === "stdout" ? cli.out : cli.err).write(stamp(chunk));
}

function asLines(cli: Cli): (chunk: OutputChunk) => Promise<void> {
  return (chunk) =>
    cli.out.line(JSON.stringify({ ...chunk, data: Buffer.from(chunk.data).toString("base64") }));
}
