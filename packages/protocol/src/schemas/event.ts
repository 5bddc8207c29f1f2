import { z } from "zod";
import { jobStates } from "../states.ts";
import { cause, jobId } from "./job.ts";

/** A job's events: one per state it enters, and `extended` when its run time was. */
export const eventTypes = [...jobStates, "extended"] as const;

export const jobEvent = z
  .object({
    seq: z.int().meta({ description: "Grows along the job's events; the SSE `id`" }),
    jobId,
    type: z.enum(eventTypes),
    at: z.iso.datetime(),
    cause: cause.nullable(),
    exitCode: z.int().nullable(),
    deadlineAt: z.iso.datetime().nullable(),
  })
  .meta({ id: "JobEvent" });

export type JobEvent = z.infer<typeof jobEvent>;
export type EventType = (typeof eventTypes)[number];
