import type { Job, JobFilter, JobState } from "@berth/sdk";
import { jobStates } from "@berth/protocol/states";
import type { Cli } from "../../../core/cli.ts";
import { defineCommand, type FlagValues, jsonFlag } from "../../../core/define-command.ts";
import { exitCodes } from "../../../core/exit-codes.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { columnNames, columnsOf, shortLength } from "./job-columns.ts";
import { pairs, wholeNumber } from "../../submit/job-request.ts";

const DEFAULT_LIMIT = 50;
const LARGEST_PAGE = 200;

/** Flags of `list` and `ps` alike. */
export const listFlags = {
  label: { type: "list", about: "With this label (repeat it)", value: "K=V", short: "l" },
  name: { type: "string", about: "With this name", value: "NAME" },
  task: { type: "string", about: "Runs of this task", value: "NAME" },
  limit: { type: "string", about: `At most this many (default ${DEFAULT_LIMIT})`, value: "N", short: "n" },
  columns: { type: "string", about: "What to show: names separated by commas (below)", value: "COLUMNS" },
  quiet: { type: "boolean", about: "Print whole ids alone", short: "q" },
  ...jsonFlag,
} as const;

export const columnDetails = [
  `Columns: ${columnNames.slice(0, 9).join(", ")},`,
  `${columnNames.slice(9).join(", ")}.`,
  "On a terminal ids are shortened as far as the list allows, and what does not fit",
  "is left out; elsewhere all is whole. Every command takes the shortened ids.",
] as const;

export const jobList = defineCommand({
  arguments: [],
  flags: {
    state: {
      type: "list",
      about: "In one of these states (repeat it, or separate by commas)",
      value: "STATE",
    },
    all: { type: "boolean", about: "All of them", short: "a" },
    ...listFlags,
  },
  details: columnDetails,
  examples: [
    { line: "berth list --state queued,running", about: "what goes on now" },
    { line: "berth list --columns id,name,command", about: "what runs, as it was asked for" },
    { line: "berth list --label team=a --all --json", about: "for scripts" },
  ],
  async run({ flags }, cli) {
    return await showJobs({ flags, states: statesOf(flags.state), all: flags.all }, cli);
  },
});

/** Prints the jobs that the flags ask for. `all`: without a limit unless one is given. */
export async function showJobs(
  {
    flags,
    states,
    all,
  }: { flags: FlagValues<typeof listFlags>; states: JobState[] | undefined; all: boolean },
  cli: Cli,
): Promise<number> {
  // Told before the server is asked for anything.
  columnsOf(flags.columns, null);
  const unlimited = all && flags.limit === undefined;
  const limit = unlimited
    ? Number.POSITIVE_INFINITY
    : wholeNumber("--limit", flags.limit ?? `${DEFAULT_LIMIT}`);
  const filter: JobFilter = {
    state: states,
    labels: pairs("--label", flags.label),
    name: flags.name,
    task: flags.task,
    limit: Math.min(Math.max(limit, 1), LARGEST_PAGE),
  };
  const berth = await cli.dial();
  const { jobs, more } = await firstOf(berth.jobs.list(filter), limit);
  if (flags.json) await cli.out.json(jobs);
  else if (flags.quiet) for (const { id } of jobs) await cli.out.line(id);
  else await printTable(jobs, { cli, columns: flags.columns });
  if (more && !flags.json) await cli.err.line(`berth: there are more: --limit ${limit * 2}, or --all`);
  return exitCodes.ok.code;
}

async function firstOf(listing: AsyncIterable<Job>, limit: number): Promise<{ jobs: Job[]; more: boolean }> {
  const jobs: Job[] = [];
  for await (const job of listing) {
    if (jobs.length >= limit) return { jobs, more: true };
    jobs.push(job);
  }
  return { jobs, more: false };
}

function statesOf(texts: readonly string[]): JobState[] | undefined {
  const states = texts.flatMap((text) => text.split(","));
  const known: readonly string[] = jobStates;
  const unknown = states.find((state) => !known.includes(state));
  if (unknown !== undefined) {
    const fix = `Choose from ${jobStates.join(", ")}`;
    throw new UsageError(`Cannot list jobs in state "${unknown}": there is no such state`, fix);
  }
  return states.length === 0 ? undefined : (states as JobState[]);
}

async function printTable(
  jobs: readonly Job[],
  { cli: { out, err, paintOut }, columns: given }: { cli: Cli; columns: string | undefined },
): Promise<void> {
  if (jobs.length === 0) return await err.line("berth: no jobs");
  const { renderTable } = await import("../../../core/text/table.ts");
  const now = Date.now();
  const columns = columnsOf(given, out.columns);
  const ids = jobs.map(({ id }) => id);
  const length = out.columns === null ? Number.POSITIVE_INFINITY : shortLength(ids, out.columns);
  const rows = jobs.map((job) =>
    columns.map((column) => (column.title === "ID" ? job.id.slice(0, length) : column.text(job, now))),
  );
  const paint = (text: string, row: number, column: number): string => {
    if (columns[column]?.title !== "STATE") return text;
    const color = colorOf(jobs[row]?.state);
    return color === null ? text : paintOut(color, text);
  };
  await out.line(renderTable(columns, rows, { columns: out.columns, paint }));
}

function colorOf(state: JobState | undefined): "green" | "red" | "yellow" | null {
  if (state === "succeeded") return "green";
  if (state === "failed" || state === "lost") return "red";
  return state === "canceled" || state === "stopping" ? "yellow" : null;
}
