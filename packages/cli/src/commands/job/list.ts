import type { Job, JobFilter, JobState } from "@berth/sdk";
import { jobStates } from "@berth/protocol/states";
import type { Cli } from "../../core/cli.ts";
import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import { pairs, wholeNumber } from "./job-request.ts";
import { age, runningTime, shortCause } from "./job-sentences.ts";

const DEFAULT_LIMIT = 50;
const LARGEST_PAGE = 200;

export const jobList = defineCommand({
  arguments: [],
  flags: {
    state: {
      type: "list",
      about: "In one of these states (repeat it, or separate by commas)",
      value: "STATE",
    },
    label: { type: "list", about: "With this label (repeat it)", value: "K=V", short: "l" },
    name: { type: "string", about: "With this name", value: "NAME" },
    limit: { type: "string", about: `At most this many (default ${DEFAULT_LIMIT})`, value: "N", short: "n" },
    all: { type: "boolean", about: "All of them", short: "a" },
    ...jsonFlag,
  },
  examples: [
    { line: "berth list --state queued,running", about: "what goes on now" },
    { line: "berth list --label team=a --all --json", about: "for scripts" },
  ],
  async run({ flags }, cli) {
    const limit = flags.all
      ? Number.POSITIVE_INFINITY
      : wholeNumber("--limit", flags.limit ?? `${DEFAULT_LIMIT}`);
    const filter: JobFilter = {
      state: statesOf(flags.state),
      labels: pairs("--label", flags.label),
      name: flags.name,
      limit: Math.min(Math.max(limit, 1), LARGEST_PAGE),
    };
    const berth = await cli.dial();
    const { jobs, more } = await firstOf(berth.jobs.list(filter), limit);
    if (flags.json) await cli.out.json(jobs);
    else await printTable(jobs, cli);
    if (more && !flags.json) await cli.err.line(`berth: there are more: --limit ${limit * 2}, or --all`);
    return exitCodes.ok.code;
  },
});

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

async function printTable(jobs: readonly Job[], { out, err, paintOut }: Cli): Promise<void> {
  if (jobs.length === 0) return await err.line("berth: no jobs");
  const { renderTable } = await import("../../core/table.ts");
  const now = Date.now();
  const columns = [
    { title: "ID" },
    { title: "NAME", flexible: true },
    { title: "STATE" },
    { title: "AGE" },
    { title: "TIME" },
    { title: "CAUSE", flexible: true },
  ];
  const rows = jobs.map((job) => [
    job.id,
    job.name ?? "",
    job.state,
    age(job.createdAt, now),
    runningTime(job, now),
    shortCause(job),
  ]);
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
