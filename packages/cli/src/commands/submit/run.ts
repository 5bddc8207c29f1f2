import type { Job } from "@berth/sdk";
import type { Cli } from "../../core/cli.ts";
import { connectionNotes } from "../../core/text/connection-notes.ts";
import { defineCommand } from "../../core/define-command.ts";
import { exitCodeOfError, exitCodeOfSignal } from "../../core/exit-codes.ts";
import { printError } from "../../core/print-error.ts";
import { printable } from "../../core/text/printable.ts";
import { attendJob } from "./attend-job.ts";
import { downloadArtifacts, forceFlag } from "../job/artifact/download-artifacts.ts";
import { folderFlags } from "./folder-flags.ts";
import { jobFlags } from "./job-flags.ts";
import { toJobRequest, wordsOf } from "./job-request.ts";
import { sendFolder } from "./send-folder.ts";
import { exitCodeOfJob, notesOf, summaryOf } from "../job/job-sentences.ts";

export const jobRun = defineCommand({
  arguments: [
    { name: "CMD", about: "Program to run in the job", optional: true },
    { name: "ARGS", about: "Its arguments, flags of its own included", variadic: true, optional: true },
  ],
  flags: {
    ...jobFlags,
    ...folderFlags,
    download: {
      type: "string",
      about: "Fetch its artifacts into this folder at the end",
      value: "DIR",
      path: true,
    },
    ...forceFlag,
    quiet: { type: "boolean", about: "Say nothing but what the job prints", short: "q" },
    json: { type: "boolean", about: "Print the finished job as JSON on stdout; its output goes to stderr" },
  },
  details: [
    "Ends with 0 when the job succeeded, and never else: 124 after a timeout, 127 and",
    "126 for a program that is not there or cannot be executed, 128+n when signal n",
    "ended it (143: the TERM of a stop, 137: KILL), its program's own code where that",
    "is not 0, else 123 (stopped, or over a limit) or 125 (the host failed). Ctrl-C",
    "stops the job and waits for its end; a second Ctrl-C leaves at once. Your",
    "terminal's input is not read unless --stdin - asks for it.",
  ],
  examples: [
    { line: "berth run -- python3 -c 'print(6 * 7)'", about: "output here, exit code too" },
    { line: "berth run --dir . -- make test", about: "a whole folder" },
    { line: "berth run -f report.py -f data.csv --memory 512Mi -- python3 report.py", about: "with files" },
    {
      line: "berth run -f plot.py --collect 'out/**' --download . -- python3 plot.py",
      about: "and bring the results home",
    },
  ],
  passthrough: true,
  async run({ args, flags }, cli) {
    // Before anything runs: a wire that cannot fetch artifacts says so now.
    if (flags.download !== undefined) await cli.connectAsUser();
    const request = await toJobRequest(wordsOf(args, flags.command), {
      flags,
      surroundings: cli.surroundings,
    });
    const folder = await sendFolder({ request, flags, quiet: flags.quiet, cli });
    const berth = await cli.dial(flags.quiet ? {} : { onConnection: connectionNotes(cli.err) });
    const attended = await attendJob(
      berth,
      { ...request, ...folder },
      {
        cli,
        stdoutTo: flags.json ? "stderr" : "stdout",
        explainWait: cli.err.isTerminal && !flags.quiet,
      },
    );
    const { job, interrupted } = attended;
    if (job === null) return exitCodeOfSignal(interrupted ?? "SIGINT");
    const unfetched = await fetchArtifacts(job.id, flags, cli);
    if (flags.json) await cli.out.json(job);
    if (!flags.quiet) await summarize(job, cli);
    if (unfetched !== null)
      await printError(unfetched, { err: cli.err, paint: cli.paintErr, flags: jobFlags });
    if (interrupted !== null) return exitCodeOfSignal(interrupted);
    if (cli.out.broken.aborted) return exitCodeOfSignal("SIGPIPE");
    const code = exitCodeOfJob(job);
    return code === 0 && unfetched !== null ? exitCodeOfError(unfetched) : code;
  },
});

/** Null when all of them are here. How the job ended is told first, and whatever became of them. */
async function fetchArtifacts(
  id: string,
  { download, force, quiet }: { download?: string | undefined; force: boolean; quiet: boolean },
  cli: Cli,
): Promise<unknown> {
  if (download === undefined) return null;
  try {
    const handle = (await cli.connectAsUser()).jobs.handle(id);
    const existing = force ? "replace" : "refuse";
    await downloadArtifacts(handle, { folder: download, existing, err: cli.err, quiet });
    return null;
  } catch (error) {
    return error;
  }
}

/** One line on a terminal; elsewhere only what the exit code cannot tell. And what was not taken, everywhere. */
async function summarize(job: Job, { err, paintErr }: Cli): Promise<void> {
  for (const note of err.broken.aborted ? [] : notesOf(job)) await err.remark(`berth: ${printable(note)}`);
  const ownEnd = job.cause?.code === "exit" || job.state === "succeeded";
  if (err.broken.aborted || (!err.isTerminal && ownEnd)) return;
  const text = `berth: ${printable(summaryOf(job))}`;
  await err.remark(paintErr(job.state === "succeeded" ? "green" : "red", text));
}
