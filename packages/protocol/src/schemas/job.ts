import { z } from "zod";
import { causeCodes } from "../causes.ts";
import type { SourceName } from "../sources.ts";
import { jobStates, stageStates } from "../states.ts";
import {
  causeExample,
  isolationExample,
  jobExample,
  jobListExample,
  jobSpecViewExample,
  stageExample,
  usageExample,
} from "./examples.ts";
import { jobOptions, commandSource } from "./job-spec.ts";
import { contactCounts } from "./network/contact.ts";

export const jobId = z.uuid({ version: "v7" });
const time = z.iso.datetime();

export const cause = z
  .object({
    code: z.enum(causeCodes).meta({
      description:
        "`source_failed`: the archive cannot be unpacked. Reserved, never seen yet: `image_failed`, `build_failed`, `scan_rejected`, `secret_missing`",
    }),
    message: z.string().meta({ description: "One plain sentence: what happened, and what to do about it" }),
    evidence: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: "Cause", examples: [causeExample] });

export const usage = z
  .object({
    cpuMs: z.number().nullable().meta({ description: "CPU time of all processes, in milliseconds" }),
    wallMs: z.number().nullable(),
    peakMemoryBytes: z.number().nullable().meta({ description: "null where the host cannot measure it" }),
    outputBytes: z.number().meta({ description: "Bytes of output that were kept, of both streams" }),
    outputDropped: z.number().nullable().optional().meta({
      description:
        "With `overflow: discard`: bytes past `output.limit` that were dropped; null where nobody could count them, as the job was killed",
    }),
  })
  .meta({ id: "Usage", examples: [usageExample] });

export const isolationItem = z.object({
  name: z.string().meta({ description: "`user-namespace`, `seccomp`, `memory-limit`, ..." }),
  applied: z.boolean(),
  detail: z.string().meta({ description: "The value, or why it was not applied" }),
});

export const isolation = z
  .object({ level: z.string(), items: z.array(isolationItem) })
  .meta({ id: "Isolation", examples: [isolationExample] });

export const stage = z
  .object({
    id: jobId.meta({ description: "Of the stage that runs the user's code: the id of the job" }),
    kind: z.string().meta({
      description: "`command`: the user's code; `unpack`: puts the archive into /work. More may come",
    }),
    state: z.enum(stageStates).meta({
      description: "As of a job; `skipped` where a stage before it has decided the job's end",
    }),
    cause: cause.nullable(),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    exitCode: z.int().nullable(),
    usage,
    isolation: isolation.nullable(),
  })
  .meta({
    id: "Stage",
    description: "One step of a job's work. A plain command is one stage, whose id is the job's",
    examples: [stageExample],
  });

const shown = jobOptions.omit({ files: true, stdin: true }).extend({
  files: z.record(z.string(), z.object({ size: z.number() })).optional(),
  stdin: z.object({ size: z.number() }).optional(),
});
const views = {
  command: z.object({ ...commandSource.shape, ...shown.shape }),
} satisfies Record<SourceName, z.ZodType>;

/** The spec as it is shown, by its source: input files by size, never by content; stdin by size. */
export const jobSpecView = z
  .union([views.command])
  .meta({ id: "JobSpecView", examples: [jobSpecViewExample] });

export const outputText = z.object({
  text: z.string().meta({ description: "First 64 KiB as UTF-8; invalid bytes become U+FFFD" }),
  bytes: z.number().meta({ description: "Bytes of the whole stream" }),
  truncated: z.boolean(),
});

const retryOfJob = z
  .object({
    attempt: z.int().meta({ description: "1 is the first run" }),
    retryOf: jobId.nullable().meta({ description: "The first run; null for that itself" }),
    retryAt: time.nullable().meta({ description: "When it is run again, or was; null where it is not" }),
    retriedAs: jobId.nullable().meta({ description: "The job that it was run again as" }),
    notRetried: z.string().nullable().meta({ description: "Why it was not, after all" }),
  })
  .meta({
    description: "Of a run of a task that is run again after a fault of the host, or is such a run",
  });

export const job = z
  .object({
    id: jobId,
    name: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    state: z.enum(jobStates),
    cause: cause.nullable(),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    createdAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    /** When the run timeout strikes; null while not running or without one. */
    deadlineAt: time.nullable(),
    usage,
    isolation: isolation.nullable(),
    engine: z.string(),
    network: z.string().meta({ description: "The network profile that it was granted" }),
    contacts: contactCounts
      .optional()
      .meta({ description: "What it reached and was refused, where there is anything to tell" }),
    owner: z.string(),
    task: z
      .object({
        name: z.string(),
        version: z.int(),
        runnerVersion: z.int(),
        commit: z.string().optional().meta({
          description: "The commit of the runner's repository that it has, once that is known",
        }),
      })
      .optional()
      .meta({ description: "The task that it is a run of, and which versions of it and of its runner" }),
    retry: retryOfJob.optional(),
    result: z.unknown().meta({ description: "The JSON document the job left, or null" }),
    spec: jobSpecView,
    stages: z.array(stage).optional().meta({
      description: "The steps of its work, in order. Only where one job is asked for by its id",
    }),
    stdout: outputText.optional().meta({ description: "Only with `include=output`" }),
    stderr: outputText.optional().meta({ description: "Only with `include=output`" }),
  })
  .meta({ id: "Job", examples: [jobExample] });

export const jobList = z
  .object({ items: z.array(job), next: z.string().nullable() })
  .meta({ id: "JobList", examples: [jobListExample] });

export type Job = z.infer<typeof job>;
export type Cause = z.infer<typeof cause>;
export type Stage = z.infer<typeof stage>;
export type Usage = z.infer<typeof usage>;
export type Isolation = z.infer<typeof isolation>;
export type IsolationItem = z.infer<typeof isolationItem>;
export type JobSpecView = z.infer<typeof jobSpecView>;
export type OutputText = z.infer<typeof outputText>;
export type JobList = z.infer<typeof jobList>;
