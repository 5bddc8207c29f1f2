import type { FlagValues, Flags } from "../../../core/define-command.ts";
import type { DefinitionAction } from "../definition-action.ts";

export const scheduleFlags = {
  spec: { type: "string", about: "What it says, a file of JSON; - reads yours", value: "FILE", path: true },
  description: { type: "string", about: "For people", value: "TEXT", field: "description" },
  task: { type: "string", about: "The task that is run", value: "NAME", field: "task" },
  cron: { type: "string", about: "When: minute hour day month weekday", value: "FIELDS", field: "cron" },
  zone: { type: "string", about: "Time zone of these. Default UTC", value: "ZONE", field: "zone" },
  input: {
    type: "string",
    about: "JSON that the task is given, a file; - reads yours",
    value: "FILE",
    path: true,
    field: "input",
  },
  "catch-up": { type: "string", about: "Missed runs: skip, latest or all", value: "HOW", field: "catchUp" },
  count: { type: "string", about: "next: so many. Default 10", value: "N" },
  at: { type: "string", about: "get: as of this version; update: refuse another", value: "VERSION" },
  json: { type: "boolean", about: "Print JSON for scripts" },
} as const satisfies Flags;

export type ScheduleFlags = FlagValues<typeof scheduleFlags>;
export type ScheduleAction = DefinitionAction & { own: ScheduleFlags };
