import type { Cli } from "../../core/cli.ts";
import { defineCommand, type FlagValues, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import { wholeNumber } from "../submit/job-request.ts";

const quotaFlags = {
  group: { type: "boolean", about: "NAME is a group: all its members together" },
  jobs: { type: "string", about: "set: most that run at once", value: "N", field: "jobs" },
  "jobs-per-hour": {
    type: "string",
    about: "set: most that are submitted within an hour",
    value: "N",
    field: "jobsPerHour",
  },
  cpu: {
    type: "string",
    about: "set: most cores that run at once, as in 4, 1.5, 500m",
    value: "CORES",
    field: "cpu",
  },
  memory: {
    type: "string",
    about: "set: most memory that runs at once, as in 16Gi",
    value: "SIZE",
    field: "memory",
  },
  stored: {
    type: "string",
    about: "set: most output, artifacts and uploads kept, as in 100Gi",
    value: "SIZE",
    field: "storedBytes",
  },
  ...jsonFlag,
} as const;

interface QuotaAction {
  name: string | undefined;
  flags: FlagValues<typeof quotaFlags>;
  cli: Cli;
}

const actions: Readonly<Record<string, (action: QuotaAction) => Promise<number>>> = {
  list: listQuotas,
  get: getQuota,
  set: setQuota,
  delete: deleteQuota,
};

export const quota = defineCommand({
  arguments: [
    { name: "ACTION", about: "list, get NAME, set NAME, delete NAME", choices: Object.keys(actions) },
    { name: "NAME", about: "A principal, or with --group a group", optional: true },
  ],
  flags: quotaFlags,
  details: [
    "What a principal, or all members of a group together, may run at once, submit",
    "within an hour and keep. Who is bounded several times must keep within each.",
    "Setting it replaces what was set before; a bound that is left out is none. More",
    "than may run at once wait, whatever is free; one more within the hour, or beyond",
    "what may be kept, is refused. list and get show what is used of it. Changing it",
    "is for administrators.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth quota set ann --jobs 8 --jobs-per-hour 500", about: "what ann may do" },
    { line: "berth quota set lab --group --cpu 16 --memory 64Gi", about: "what all of lab may use" },
    { line: "berth quota list", about: "who is bounded, and what is used of it" },
  ],
  async run({ args: [action = "", name], flags }, cli) {
    const act = actions[action];
    if (act === undefined)
      throw new UsageError(`Cannot do "${action}" with quotas`, "See `berth quota --help`");
    return act({ name, flags, cli });
  },
});

type Quotas = Awaited<ReturnType<Cli["connect"]>>["quotas"];
type Quota = Awaited<ReturnType<Quotas["get"]>>;

async function listQuotas({ flags, cli }: QuotaAction): Promise<number> {
  const { items } = await (await cli.connect()).quotas.list();
  if (flags.json) await cli.out.json(items);
  else if (items.length === 0) await cli.err.line("berth: no quotas");
  else await showTable(items, cli);
  return exitCodes.ok.code;
}

async function getQuota({ name, flags, cli }: QuotaAction): Promise<number> {
  const quotas = (await cli.connect()).quotas;
  const found = await quotas.get(demandName(name, "show a quota"), kindOf(flags));
  if (flags.json) await cli.out.json(found);
  else await showTable([found], cli);
  return exitCodes.ok.code;
}

/** What is used of each bound. */
async function showTable(items: readonly Quota[], cli: Cli): Promise<void> {
  const [{ renderTable }, { formatSize }] = await Promise.all([
    import("../../core/text/table.ts"),
    import("@berth/protocol"),
  ]);
  const columns = [
    { title: "WHOSE", flexible: true },
    ...["JOBS", "AN HOUR", "CORES", "MEMORY", "STORED"].map((title) => ({ title })),
  ];
  const of = (used: number, bound: number | null, say: (value: number) => string): string =>
    bound === null ? "no bound" : `${say(used)} of ${say(bound)}`;
  const rows = items.map(({ user, group, used, ...bounds }) => [
    user ?? `group ${group ?? ""}`,
    of(used.jobs, bounds.jobs, String),
    of(used.jobsPerHour, bounds.jobsPerHour, String),
    of(used.cpu, bounds.cpu, String),
    of(used.memory, bounds.memory, formatSize),
    of(used.storedBytes, bounds.storedBytes, formatSize),
  ]);
  await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
}

async function setQuota({ name, flags, cli }: QuotaAction): Promise<number> {
  const whose = demandName(name, "set a quota");
  const { cpu, memory, stored, jobs, "jobs-per-hour": jobsPerHour } = flags;
  const bounds = {
    ...(jobs !== undefined && { jobs: wholeNumber("--jobs", jobs) }),
    ...(jobsPerHour !== undefined && { jobsPerHour: wholeNumber("--jobs-per-hour", jobsPerHour) }),
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
    ...(stored !== undefined && { storedBytes: stored }),
  };
  const set = await (await cli.connect()).quotas.set(whose, bounds, kindOf(flags));
  if (flags.json) await cli.out.json(set);
  else await cli.out.line(set.user ?? set.group ?? whose);
  return exitCodes.ok.code;
}

async function deleteQuota({ name, flags, cli }: QuotaAction): Promise<number> {
  const whose = demandName(name, "delete a quota");
  await (await cli.connect()).quotas.delete(whose, kindOf(flags));
  if (flags.json) await cli.out.json({ deleted: [whose] });
  else await cli.out.line(whose);
  return exitCodes.ok.code;
}

function kindOf({ group }: QuotaAction["flags"]): { kind: "user" | "group" } {
  return { kind: group ? "group" : "user" };
}

function demandName(name: string | undefined, what: string): string {
  if (name !== undefined) return name;
  throw new UsageError(`Cannot ${what}: name a principal`, "`berth quota list` shows them");
}
