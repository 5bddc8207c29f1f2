import { z } from "zod";
import { durationProblem, parseDuration } from "../../units.ts";
import { definedName } from "../access/object-name.ts";
import { commandSource, jobOptions } from "../job-spec.ts";
import { listJobsQuery, longestWaitMs } from "../requests.ts";
import { callbacks } from "./callback.ts";
import { definitionHead, sharedOptions, versionHead } from "./definition.ts";
import { patchOf } from "./patch-of.ts";

const taskSpecExample = {
  description: "Sales of one month",
  runner: "reports",
  command: "python3 report.py",
  input: {
    type: "object",
    properties: {
      month: { type: "string", pattern: "^\\d{4}-\\d{2}$" },
      top: { type: "integer", default: 10 },
    },
    required: ["month"],
    additionalProperties: false,
  },
  synchronous: true,
  resultFile: "report.json",
};

const isWait = (text: string): boolean => {
  const ms = parseDuration(text);
  return ms !== null && ms > 0 && ms <= longestWaitMs;
};
/** No wait before a run that is made again is longer. */
export const longestBackoffMs = 60 * 60_000;
const argument = commandSource.shape.command;

const commandList = z
  .array(argument.or(z.literal("")))
  .min(1)
  .max(1000)
  .refine(([program]) => program !== "", { error: "must begin with a program" });

const concurrency = z
  .strictObject({
    most: z.int().min(1).max(1000).meta({ description: "Runs at once, of everybody together" }),
    next: z.enum(["queue", "refuse", "replace"]).optional().meta({
      description:
        "What becomes of a run beyond that: it waits, is refused with TASK_BUSY, or has the oldest one stopped. Default `queue`",
    }),
  })
  .meta({ description: "Holds for runs from then on. Default: no bound" });

const isBackoff = (text: string): boolean => {
  const ms = parseDuration(text);
  return ms !== null && ms >= 1000 && ms <= longestBackoffMs;
};

const retry = z
  .strictObject({
    most: z.int().min(1).max(10).meta({ description: "Runs after the first one, each a job of its own" }),
    backoff: z
      .string()
      .max(32)
      .refine(isBackoff, { error: "must be written like 10s, from 1s to 1h" })
      .optional()
      .meta({
        description:
          "The longest wait before the first of them, doubled for each one more, at most 1h; waits are between half of it and all. Default 10s",
      }),
    idempotent: z.boolean().optional().meta({
      description:
        "Whether it does no harm that the command runs twice: then a run is also made again whose command had begun when the host failed, or whose end nobody knows. Default false",
    }),
  })
  .meta({
    description:
      "Runs it again where the host or the runtime failed, or the host of its code did not answer; never for what the command itself does, for limits or stops. Default: never",
  });

/** What is run with an input, and how. */
export const taskSpec = z
  .strictObject({
    runner: definedName.meta({ description: "The runner that it belongs to" }),
    command: z
      .union([argument, commandList], {
        error: "must be text, which the shell runs, or a list of a program and its arguments",
      })
      .meta({
        description: "Text is run by `/bin/sh -c`; a list is a program and its arguments, as they are",
      }),
    input: z.record(z.string(), z.unknown()).optional().meta({
      description:
        "JSON Schema (2020-12) of the input: what does not fit is refused before anything runs, defaults are filled in. Default: any text is taken as it is",
    }),
    synchronous: z.boolean().optional().meta({
      description: "Answer a run with the finished job, where it ends within `wait`. Default false",
    }),
    wait: z
      .string()
      .max(32)
      .refine(isWait, { error: "must be written like 20s, at most 1m" })
      .optional()
      .meta({ description: "How long a synchronous run is waited for, at most 1m. Default 20s" }),
    concurrency: concurrency.optional(),
    callbacks: callbacks.optional(),
    retry: retry.optional(),
    ...sharedOptions,
    output: jobOptions.shape.output,
    collect: jobOptions.shape.collect,
    resultFile: jobOptions.shape.resultFile,
  })
  .meta({ id: "TaskSpec", examples: [taskSpecExample] });

const taskExample = {
  name: "monthly-report",
  version: 3,
  owner: "ada",
  createdAt: "2026-01-31T12:00:00.000Z",
  updatedAt: "2026-02-01T08:30:00.000Z",
  updatedBy: "ada",
  spec: taskSpecExample,
};

export const task = z
  .object({ ...definitionHead, spec: taskSpec })
  .meta({ id: "Task", examples: [taskExample] });

export const taskList = z
  .object({ items: z.array(task), next: z.string().nullable() })
  .meta({ id: "TaskList", examples: [{ items: [taskExample], next: null }] });

export const taskVersionList = z
  .object({ items: z.array(z.object({ ...versionHead, spec: taskSpec })), next: z.string().nullable() })
  .meta({
    id: "TaskVersionList",
    examples: [
      {
        items: [{ version: 3, at: "2026-02-01T08:30:00.000Z", by: "ada", spec: taskSpecExample }],
        next: null,
      },
    ],
  });

export const createTaskBody = z
  .strictObject({ name: definedName, spec: taskSpec })
  .meta({ examples: [{ name: "monthly-report", spec: taskSpecExample }] });

export const updateTaskBody = z
  .strictObject({ spec: patchOf(taskSpec.shape) })
  .meta({ examples: [{ spec: { command: ["python3", "report.py", "--all"], resultFile: null } }] });

export const taskSchema = z
  .record(z.string(), z.unknown())
  .meta({ id: "TaskSchema", examples: [taskSpecExample.input] });

const { state, limit, cursor } = listJobsQuery.shape;
export const listTaskJobsQuery = z.strictObject({ state, limit, cursor });

export const runTaskQuery = z.strictObject({
  wait: z
    .string()
    .max(32)
    .refine((text) => parseDuration(text) !== null, {
      error: ({ input }) => durationProblem(String(input), "20s"),
    })
    .optional()
    .meta({
      description:
        "Answer when the job has ended, or after this time at most 1m. Default: as the task says; `0s` does not wait",
    }),
  version: z.coerce.number().int().min(1).optional().meta({
    description:
      "Run the task as it was in this version, which takes the rights to roll it back to that. Default: as it is",
  }),
});

export type TaskSpec = z.output<typeof taskSpec>;
export type TaskSpecInput = z.input<typeof taskSpec>;
export type Task = z.output<typeof task>;
export type TaskPatch = z.input<typeof updateTaskBody>["spec"];
