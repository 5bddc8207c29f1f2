import { exitCodeOfSignal } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import { exitCodeOfJob } from "../job/job-sentences.ts";
import { attendJob } from "../submit/attend-job.ts";
import { showContacts } from "../job/contacts.ts";
import type { NetworkAction } from "./network-action.ts";

/** Runs a command under a profile, then tells what it reached and what it was refused. */
export async function tryNetwork({ words, flags, cli }: NetworkAction): Promise<number> {
  const [name, command, ...args] = words;
  if (name === undefined || command === undefined) {
    throw new UsageError(
      "Cannot try a profile: there is no command",
      "Write it like `berth network try NAME -- CMD ARGS`",
    );
  }
  const berth = await cli.connectAsUser();
  const request = { command, args, network: name, observe: true };
  const { job, interrupted } = await attendJob(berth, request, {
    cli,
    stdoutTo: flags.json ? "stderr" : "stdout",
    explainWait: cli.err.isTerminal,
  });
  if (job === null) return exitCodeOfSignal(interrupted ?? "SIGINT");
  const contacts = await berth.jobs.handle(job.id).contacts();
  if (flags.json) await cli.out.json({ job, contacts });
  else if (contacts.length > 0) await showContacts(contacts, cli.err);
  else await cli.err.line("berth: it reached nothing, and was refused nothing");
  if (interrupted !== null) return exitCodeOfSignal(interrupted);
  return exitCodeOfJob(job);
}
