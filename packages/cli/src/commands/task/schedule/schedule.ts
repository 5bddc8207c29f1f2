import { defineCommand } from "../../../core/define-command.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { readInput } from "../../submit/read-input.ts";
import type { DefinitionAction } from "../definition-action.ts";
import { definitionActions } from "../definition-actions.ts";
import { listRuns, nextRuns, pause, resume } from "./clock.ts";
import { type ScheduleAction, type ScheduleFlags, scheduleFlags } from "./schedule-action.ts";

const actions: Readonly<Record<string, (action: ScheduleAction) => Promise<number>>> = {
  ...definitionActions,
  next: nextRuns,
  runs: listRuns,
  pause,
  resume,
};

export const schedule = defineCommand({
  arguments: [
    {
      name: "ACTION",
      about:
        "list, get NAME, create NAME, update NAME, delete NAME, next NAME, runs NAME, pause NAME, resume NAME, versions NAME, diff NAME, rollback NAME VERSION",
      choices: Object.keys(actions),
    },
    { name: "WORD", about: "The schedule, and versions of it", variadic: true, optional: true },
  ],
  flags: scheduleFlags,
  details: [
    "A schedule runs a task by the clock, as whoever made it, who must be allowed to",
    "run it each time: after three refusals in a row it is paused. `next` shows when",
    "it is due, `runs` what came of each time that it was. What was missed while the",
    "server was down is run once afterwards, unless --catch-up says otherwise.",
  ],
  hides: ["grpc"],
  examples: [
    {
      line: "berth schedule create sales --task report --cron '30 6 1 * *' --zone EET",
      about: "on the first of each month",
    },
    { line: "berth schedule next sales", about: "when that is" },
    { line: "berth schedule pause sales", about: "not for now" },
  ],
  async run({ args: [name = "", ...words], flags: own }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with schedules`, "See `berth schedule --help`");
    const none = { network: undefined, memory: undefined, timeout: undefined, secret: [] };
    const ownFields = (): Promise<object> => fieldsOf(own, cli);
    return act({ noun: "schedule", words, flags: { ...none, ...own }, own, cli, calls: callsOf, ownFields });
  },
});

const callsOf: DefinitionAction["calls"] = ({ schedules }) => ({
  list: (options) => schedules.list(options),
  // What is in it is the server's to check.
  create: (name, spec) => schedules.create(name, spec as Parameters<typeof schedules.create>[1]),
  get: (name, options) => schedules.get(name, options),
  update: (name, spec, options) => schedules.update(name, spec, options),
  delete: (name) => schedules.delete(name),
  versions: (name, options) => schedules.versions(name, options),
  diff: (name, options) => schedules.diff(name, options),
  rollBack: (name, version) => schedules.rollBack(name, version),
});

async function fieldsOf(
  { task, cron, zone, input, "catch-up": catchUp }: ScheduleFlags,
  cli: DefinitionAction["cli"],
): Promise<object> {
  return {
    ...(task !== undefined && { task }),
    ...(cron !== undefined && { cron }),
    ...(zone !== undefined && { zone }),
    ...(catchUp !== undefined && { catchUp }),
    ...(input !== undefined && { input: await readJson(input, cli) }),
  };
}

/** Any JSON, as a body of a run is. */
async function readJson(path: string, cli: DefinitionAction["cli"]): Promise<unknown> {
  const content = await readInput(path, { flag: "--input", stdin: cli.surroundings.stdin });
  try {
    return JSON.parse(typeof content === "string" ? content : "");
  } catch {
    throw new UsageError(`Cannot read --input ${path}: it is not JSON`, 'Write it like {"month": "2026-01"}');
  }
}
