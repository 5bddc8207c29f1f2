import { durationProblem, parseDuration } from "@berth/protocol/units";
import { connectionNotes } from "../../core/text/connection-notes.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { printable } from "../../core/text/printable.ts";
import { UsageError } from "../../core/usage-error.ts";
import { idOf } from "./job-reference.ts";
import { exitCodeOfJob, summaryOf } from "./job-sentences.ts";

export const jobWait = defineCommand({
  arguments: [{ name: "ID", about: "Jobs: ids, beginnings of ids, or names", variadic: true }],
  flags: {
    timeout: { type: "string", about: "Longest wait; the jobs go on", value: "TIME", short: "t" },
    quiet: { type: "boolean", about: "Say nothing: the exit code tells", short: "q" },
    ...jsonFlag,
  },
  details: [
    "Ends as `berth run` would: with 0 when all of them succeeded, else with the",
    "code of the first that did not, in the order in which they are named; 124 when",
    "the wait is over before them.",
  ],
  examples: [
    { line: "berth wait ID && echo it worked", about: "in a script" },
    { line: "berth wait --timeout 10m build tests", about: "two jobs by their names" },
  ],
  async run({ args, flags }, cli) {
    const signal = flags.timeout === undefined ? undefined : endAfter(timeoutOf(flags.timeout));
    const berth = await cli.dial(flags.quiet ? {} : { onConnection: connectionNotes(cli.err) });
    const ids: string[] = [];
    for (const reference of args) ids.push(await idOf(reference, berth.jobs));
    let code: number = exitCodes.ok.code;
    for (const id of ids) {
      try {
        const handle = berth.jobs.handle(id);
        // Asked once, so that a server that goes away from here on is known to have been there.
        await handle.get();
        const job = await handle.done({ mayFail: true, signal });
        if (code === exitCodes.ok.code) code = exitCodeOfJob(job);
        if (flags.json) await cli.out.json(job);
        else if (!flags.quiet) await cli.out.line(printable(summaryOf(job)));
      } catch (error) {
        if (signal?.aborted !== true) throw error;
        await cli.err.line(`berth: job ${id} has not ended within ${flags.timeout ?? ""}: it goes on`);
        return exitCodes.timeout.code;
      }
    }
    return code;
  },
});

function timeoutOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  const problem = durationProblem(text, "--timeout 10m");
  throw new UsageError(`Cannot read --timeout "${text}": it ${problem}`, "Write it like --timeout 10m");
}

/** The longest that one timer of Node runs; a longer one would fire at once, and `AbortSignal.timeout` with it. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Aborts after so many milliseconds, any number of them. Keeps no process alive. */
function endAfter(ms: number): AbortSignal {
  const over = new AbortController();
  const wait = (left: number): void => {
    const part = Math.min(left, LONGEST_TIMER_MS);
    setTimeout(() => (left > part ? wait(left - part) : over.abort()), part).unref();
  };
  wait(ms);
  return over.signal;
}
