import { z } from "zod";
import { durationProblem, parseDuration } from "../units.ts";
import { jobStates } from "../states.ts";
import { definedName } from "./access/object-name.ts";
import { outputStreams } from "./output.ts";

const duration = z
  .string()
  .max(32)
  .refine((text) => parseDuration(text) !== null, {
    error: ({ input }) => durationProblem(String(input), "20s"),
  });
const count = z.coerce.number().int();
/** A switch of a query. */
export const flag = z.enum(["true", "false", "1", "0"]).transform((text) => text === "true" || text === "1");

/** A wait longer than this is cut to it: proxies drop silent connections after about a minute. */
export const longestWaitMs = 60_000;
/** Bytes of each stream that `include=output` puts into the answer. */
export const includedOutputBytes = 64 * 1024;

export const submitQuery = z.strictObject({
  wait: duration
    .optional()
    .meta({ description: "Answer when the job has ended or this time (at most 60s) is over" }),
  include: z.enum(["output"]).optional(),
});

export const listJobsQuery = z.strictObject({
  state: z
    .union([z.array(z.string()).max(64), z.string()])
    .transform((value) => [value].flat().flatMap((text) => text.split(",")))
    .pipe(z.array(z.enum(jobStates)).max(64))
    .optional()
    .meta({
      description: "One state or several: repeat it, or separate them by commas",
      anyOf: [{ type: "array", items: { type: "string", enum: [...jobStates] } }, { type: "string" }],
    }),
  label: z
    .union([z.array(z.string()), z.string()])
    .transform((value) => (typeof value === "string" ? [value] : value))
    .pipe(z.array(z.string().regex(/^[^=]+=/s, { error: "must be written like key=value" })).max(8))
    .optional()
    .meta({ description: "`key=value`; repeat it to ask for several labels at once" }),
  name: z.string().max(128).optional(),
  task: definedName.optional().meta({ description: "Runs of this task" }),
  ref: z.string().min(1).max(128).optional().meta({
    description:
      "What people call a job by: the beginning of its id, or its name. Alone, with `limit`; at most 25 jobs",
  }),
  createdAfter: z.iso.datetime({ offset: true }).optional(),
  createdBefore: z.iso.datetime({ offset: true }).optional(),
  limit: count.min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});

export const outputQuery = z.strictObject({
  stream: z.enum(outputStreams).default("all"),
  offset: count.min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  follow: flag.default(false),
  stage: z.string().min(1).max(64).optional().meta({
    description:
      "Which stage of the job, by its id or its kind; without it the one that runs the user's code. With `follow` to the end of that stage",
  }),
});

export const stopBody = z
  .strictObject({
    grace: duration
      .optional()
      .meta({ description: "Time between TERM and KILL; default is the server's `BERTH_STOP_GRACE`" }),
  })
  .meta({ examples: [{ grace: "5s" }] });
export const extendBody = z
  .strictObject({ by: duration.meta({ description: "Added to the run timeout" }) })
  .meta({ examples: [{ by: "10m" }] });

export type SubmitQuery = z.input<typeof submitQuery>;
export type ListJobsQuery = z.input<typeof listJobsQuery>;
export type ListJobsFilter = z.output<typeof listJobsQuery>;
export type OutputQuery = z.output<typeof outputQuery>;
