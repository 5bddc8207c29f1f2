import type { OutputOptions } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { idFlag, oneId } from "./job-id.ts";
import { idOf } from "./job-reference.ts";
import type { RemoteJob } from "../../core/remote.ts";
import { defineCommand } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { wholeNumber } from "./job-request.ts";

export const jobOutput = defineCommand({
  arguments: [{ name: "ID", about: "Job: its id, the beginning of it, or its name", optional: true }],
  flags: {
    ...idFlag,
    follow: { type: "boolean", about: "Go on until the job has ended", short: "f" },
    offset: { type: "string", about: "Begin at this byte of the stream (default 0)", value: "N" },
    stream: {
      type: "string",
      about: "Which stream (default all); one alone goes to stdout",
      value: "STREAM",
      choices: ["all", "stdout", "stderr"],
    },
    json: { type: "boolean", about: "Print one JSON object a line: stream, offset, at, data (base64)" },
  },
  details: ["Without --stream, the job's stdout goes to stdout and its stderr to stderr."],
  examples: [
    { line: "berth output --follow ID", about: "as it comes" },
    { line: "berth output --stream stdout ID > out.txt", about: "one stream, into a file" },
  ],
  async run({ args, flags }, cli) {
    const reference = oneId(args, flags.id);
    const options: OutputOptions = {
      follow: flags.follow,
      offset: flags.offset === undefined ? 0 : wholeNumber("--offset", flags.offset),
      stream: flags.stream as OutputOptions["stream"],
    };
    const berth = await cli.dial();
    const id = await idOf(reference, berth.jobs);
    const handle = berth.jobs.handle(id);
    if (flags.json) await showLines(handle, { options, cli });
    else if (flags.stream === undefined || flags.stream === "all") await showBoth(handle, { options, cli });
    else for await (const bytes of handle.raw(options)) await cli.out.write(bytes);
    return exitCodes.ok.code;
  },
});

interface Showing {
  options: OutputOptions;
  cli: Cli;
}

async function showBoth(handle: RemoteJob, { options, cli }: Showing): Promise<void> {
  for await (const { stream, data } of handle.output(options)) {
    await (stream === "stdout" ? cli.out : cli.err).write(data);
  }
}

async function showLines(handle: RemoteJob, { options, cli }: Showing): Promise<void> {
  for await (const chunk of handle.output(options)) {
    const data = Buffer.from(chunk.data).toString("base64");
    await cli.out.line(JSON.stringify({ ...chunk, data }));
  }
}
