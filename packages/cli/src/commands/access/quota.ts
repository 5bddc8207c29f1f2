import type { Cli } from "../../core/cli.ts";
import { defineCommand, type FlagValues, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import { wholeNumber } from "../submit/job-request.ts";

const quotaFlags = {
  jobs: { type: "string", about: "set: most that run at once", value: "N", field: "jobs" },
  "jobs-per-hour": {
    type: "string",
    about: "set: most that are submitted within an hour",
    value: "N",
    field: "jobsPerHour",
  },
  ...jsonFlag,
} as const;

interface QuotaAction {
  user: string | undefined;
  flags: FlagValues<typeof quotaFlags>;
  cli: Cli;
}

const actions: Readonly<Record<string, (action: QuotaAction) => Promise<number>>> = {
  list: listQuotas,
  set: setQuota,
  delete: deleteQuota,
};

export const quota = defineCommand({
  arguments: [
    { name: "ACTION", about: "list, set NAME, delete NAME", choices: Object.keys(actions) },
    { name: "NAME", about: "A principal, by name", optional: true },
  ],
  flags: quotaFlags,
  details: [
    "What a principal may run at once and submit within an hour. Setting it replaces",
    "what was set before; a bound that is left out is none. More than may run at once",
    "wait, whatever is free; one more within the hour is refused. Changing it is for",
    "administrators.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth quota set ann --jobs 8 --jobs-per-hour 500", about: "what ann may do" },
    { line: "berth quota list", about: "who is bounded" },
  ],
  async run({ args: [name = "", user], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with quotas`, "See `berth quota --help`");
    return act({ user, flags, cli });
  },
});

async function listQuotas({ flags, cli }: QuotaAction): Promise<number> {
  const berth = await cli.connect();
  const { items } = await berth.quotas.list();
  if (flags.json) await cli.out.json(items);
  else if (items.length === 0) await cli.err.line("berth: no quotas");
  else {
    const { renderTable } = await import("../../core/text/table.ts");
    const columns = [{ title: "USER", flexible: true }, { title: "JOBS" }, { title: "JOBS AN HOUR" }];
    const shown = (bound: number | null): string => (bound === null ? "no bound" : String(bound));
    const rows = items.map(({ user, jobs, jobsPerHour }) => [user, shown(jobs), shown(jobsPerHour)]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}

async function setQuota({ user, flags, cli }: QuotaAction): Promise<number> {
  if (user === undefined)
    throw new UsageError("Cannot set a quota: name a principal", "`berth quota set NAME --jobs N`");
  const berth = await cli.connect();
  const set = await berth.quotas.set(user, {
    ...(flags.jobs !== undefined && { jobs: wholeNumber("--jobs", flags.jobs) }),
    ...(flags["jobs-per-hour"] !== undefined && {
      jobsPerHour: wholeNumber("--jobs-per-hour", flags["jobs-per-hour"]),
    }),
  });
  if (flags.json) await cli.out.json(set);
  else await cli.out.line(set.user);
  return exitCodes.ok.code;
}

async function deleteQuota({ user, flags, cli }: QuotaAction): Promise<number> {
  if (user === undefined)
    throw new UsageError("Cannot delete a quota: name a principal", "`berth quota list` shows them");
  const berth = await cli.connect();
  await berth.quotas.delete(user);
  if (flags.json) await cli.out.json({ deleted: [user] });
  else await cli.out.line(user);
  return exitCodes.ok.code;
}
