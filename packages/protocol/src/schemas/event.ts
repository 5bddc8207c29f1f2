import { z } from "zod";
import { jobStates, stageStates, terminalStates } from "../states.ts";
import { endEventExample, extendedEventExample, stateEventExample } from "./examples.ts";
import { cause, jobId } from "./job.ts";

/** A job's events: one per state it enters, and `extended` when its run time was. */
export const eventTypes = [...jobStates, "extended"] as const;

const eventStage = z
  .object({ id: jobId, kind: z.string(), state: z.enum(stageStates) })
  .optional()
  .meta({
    description:
      "Which stage of the job this is about, and its state by then. Left out for a job of one stage",
  });

const shared = {
  seq: z.int().meta({ description: "Grows along the job's events; the SSE `id`" }),
  jobId,
  at: z.iso.datetime(),
  deadlineAt: z.iso.datetime().nullable().meta({ description: "When the run timeout strikes by then" }),
  stage: eventStage,
};

const stateEvent = z
  .object({
    ...shared,
    type: z.enum(["queued", "preparing", "running", "stopping"]),
    cause: cause.nullable(),
    exitCode: z.int().nullable(),
  })
  .meta({
    id: "JobStateEvent",
    description: "The job has entered a state, or one of its stages has",
    examples: [stateEventExample],
  });

const extendedEvent = z
  .object({
    ...shared,
    type: z.literal("extended"),
    cause: cause.nullable(),
    exitCode: z.int().nullable(),
  })
  .meta({
    id: "JobExtendedEvent",
    description: "Its run timeout was extended",
    examples: [extendedEventExample],
  });

const endEvent = z
  .object({
    ...shared,
    type: z.enum(terminalStates),
    cause: cause.nullable().meta({ description: "Why it ended" }),
    exitCode: z.int().nullable(),
  })
  .meta({
    id: "JobEndEvent",
    description: "The job has ended: the last of its events",
    examples: [endEventExample],
  });

export const jobEvent = z.discriminatedUnion("type", [stateEvent, extendedEvent, endEvent]).meta({
  id: "JobEvent",
  examples: [stateEventExample, endEventExample],
  discriminator: { propertyName: "type", mapping: Object.fromEntries(eventTypes.map(whichEvent)) },
});

/** Which schema of the OpenAPI document an event of this type has. */
function whichEvent(type: (typeof eventTypes)[number]): [type: string, schema: string] {
  const isEnd = (terminalStates as readonly string[]).includes(type);
  const name = type === "extended" ? "JobExtendedEvent" : isEnd ? "JobEndEvent" : "JobStateEvent";
  return [type, `#/components/schemas/${name}`];
}

export type JobEvent = z.infer<typeof jobEvent>;
export type EventType = (typeof eventTypes)[number];
