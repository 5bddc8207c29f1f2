import { z } from "zod";
import { definedName } from "../access/object-name.ts";
import { definitionHead, versionHead } from "./definition.ts";
import { patchOf } from "./patch-of.ts";

/** What is done about instants at which the server could not run anything. */
const catchUps = ["skip", "latest", "all"] as const;
export type CatchUp = (typeof catchUps)[number];

const scheduleSpecExample = {
  description: "Sales of the month before, on its first morning",
  task: "monthly-report",
  cron: "30 6 1 * *",
  zone: "Europe/Berlin",
  input: { month: "2026-01" },
  catchUp: "latest" as const,
};

/** When a task is run, and with what. */
export const scheduleSpec = z
  .strictObject({
    description: z.string().max(500).optional().meta({ description: "For people" }),
    task: definedName.meta({ description: "The task that is run" }),
    cron: z.string().min(1).max(200).meta({
      description:
        "Five fields: minute, hour, day of the month, month, day of the week; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`",
    }),
    zone: z.string().min(1).max(64).optional().meta({
      description: "Time zone of the fields, by its IANA name. Default `UTC`",
    }),
    input: z
      .unknown()
      .optional()
      .meta({ description: "What the task is given, any JSON. Default: as a run without a body" }),
    catchUp: z.enum(catchUps).optional().meta({
      description:
        "What is run of instants that were missed by more than a minute: none (`skip`), the last one (`latest`, the default), or each, the last ten at most (`all`)",
    }),
  })
  .meta({ id: "ScheduleSpec", examples: [scheduleSpecExample] });

const time = z.iso.datetime();

const scheduleExample = {
  name: "sales-monthly",
  version: 2,
  owner: "ada",
  createdAt: "2026-01-31T12:00:00.000Z",
  updatedAt: "2026-02-01T08:30:00.000Z",
  updatedBy: "ada",
  spec: scheduleSpecExample,
  nextAt: "2026-03-01T05:30:00.000Z",
  lastAt: "2026-02-01T05:30:00.000Z",
  paused: null,
};

export const schedule = z
  .object({
    ...definitionHead,
    owner: z.string().meta({ description: "Who created it, and whose jobs its runs are" }),
    spec: scheduleSpec,
    nextAt: time
      .nullable()
      .meta({ description: "When it is due next; null where it is never again, or paused" }),
    lastAt: time
      .nullable()
      .meta({ description: "The last instant that it was due at; null before the first" }),
    paused: z
      .object({ at: time, why: z.string().nullable() })
      .nullable()
      .meta({ description: "Since when nothing is run, and, where the server has paused it, why" }),
  })
  .meta({ id: "Schedule", examples: [scheduleExample] });

export const scheduleList = z
  .object({ items: z.array(schedule), next: z.string().nullable() })
  .meta({ id: "ScheduleList", examples: [{ items: [scheduleExample], next: null }] });

export const scheduleVersionList = z
  .object({ items: z.array(z.object({ ...versionHead, spec: scheduleSpec })), next: z.string().nullable() })
  .meta({
    id: "ScheduleVersionList",
    examples: [
      {
        items: [{ version: 2, at: "2026-02-01T08:30:00.000Z", by: "ada", spec: scheduleSpecExample }],
        next: null,
      },
    ],
  });

export const createScheduleBody = z
  .strictObject({ name: definedName, spec: scheduleSpec })
  .meta({ examples: [{ name: "sales-monthly", spec: scheduleSpecExample }] });

export const updateScheduleBody = z
  .strictObject({ spec: patchOf(scheduleSpec.shape) })
  .meta({ examples: [{ spec: { cron: "0 7 1 * *", description: null } }] });

export const nextRunsQuery = z.strictObject({
  count: z.coerce.number().int().min(1).max(100).default(10),
});

export const nextRuns = z.object({ zone: z.string(), items: z.array(time) }).meta({
  id: "NextRuns",
  examples: [{ zone: "Europe/Berlin", items: ["2026-03-01T05:30:00.000Z", "2026-04-01T04:30:00.000Z"] }],
});

/** What came of an instant that a schedule was due at. */
const scheduleRunOutcomes = ["submitted", "refused", "skipped"] as const;

const scheduleRunExample = {
  dueAt: "2026-02-01T05:30:00.000Z",
  at: "2026-02-01T05:30:00.012Z",
  outcome: "submitted" as const,
  job: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7",
  why: null,
  missed: 0,
};

const scheduleRun = z
  .object({
    dueAt: time,
    at: time.meta({ description: "When it was come to" }),
    outcome: z.enum(scheduleRunOutcomes),
    job: z.string().nullable().meta({ description: "Its job, which may be deleted since" }),
    why: z.string().nullable().meta({ description: "Of a refused run" }),
    missed: z.int().meta({
      description: "Instants before this one for which nothing was run; 99 may be more",
    }),
  })
  .meta({ id: "ScheduleRun", examples: [scheduleRunExample] });

export const scheduleRunList = z
  .object({ items: z.array(scheduleRun), next: z.string().nullable() })
  .meta({ id: "ScheduleRunList", examples: [{ items: [scheduleRunExample], next: null }] });

export type ScheduleSpec = z.output<typeof scheduleSpec>;
export type ScheduleSpecInput = z.input<typeof scheduleSpec>;
export type Schedule = z.output<typeof schedule>;
export type SchedulePatch = z.input<typeof updateScheduleBody>["spec"];
export type NextRuns = z.output<typeof nextRuns>;
export type ScheduleRun = z.output<typeof scheduleRun>;
