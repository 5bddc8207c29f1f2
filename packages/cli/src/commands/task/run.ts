import type { Job } from "@berth/sdk";
import { exitCodeOfSignal, exitCodes } from "../../core/exit-codes.ts";
import { printable } from "../../core/text/printable.ts";
import { exitCodeOfJob, notesOf, summaryOf } from "../job/job-sentences.ts";
import { attendJob } from "../submit/attend-job.ts";
import { nameAnd, versionIn } from "./definition-action.ts";
import { runInput } from "./run-input.ts";
import type { TaskAction } from "./task-action.ts";

/** Runs a task and stays with its job, as `berth run` does; with --detach it prints the job's id. */
export async function runTask(action: TaskAction): Promise<number> {
  const { flags, cli } = action;
  const [name] = nameAnd(action, { action: "run" });
  const version = versionIn(flags.at);
  const berth = await cli.connectAsUser();
  const input = await runInput(action, { berth, name });
  const submit = async (signal?: AbortSignal): Promise<Job> => {
    for (let { text } = input; ; ) {
      try {
        return await berth.tasks.runText(name, text, { wait: "0s", version, signal });
      } catch (error) {
        text = await input.mend(error);
      }
    }
  };
  if (flags.detach) {
    const job = await submit();
    await (flags.json ? cli.out.json(job) : cli.out.line(job.id));
    return exitCodes.ok.code;
  }
  const { job, interrupted } = await attendJob(
    berth,
    async (signal) => berth.jobs.handle((await submit(signal)).id),
    { cli, stdoutTo: flags.json ? "stderr" : "stdout", explainWait: cli.err.isTerminal },
  );
  if (job === null) return exitCodeOfSignal(interrupted ?? "SIGINT");
  if (flags.json) await cli.out.json(job);
  for (const note of notesOf(job)) await cli.err.remark(`berth: ${printable(note)}`);
  const ownEnd = job.cause?.code === "exit" || job.state === "succeeded";
  if (cli.err.isTerminal || !ownEnd) await cli.err.remark(`berth: ${printable(summaryOf(job))}`);
  return interrupted === null ? exitCodeOfJob(job) : exitCodeOfSignal(interrupted);
}
