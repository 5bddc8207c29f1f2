import { eventTypes, jobEvent, outputChunk, outputFramesType } from "@berth/protocol";
import { type Json, ref } from "./json.ts";
import type { Schemas } from "./schemas.ts";

/** What streams carry, which is in no answer's own schema: the events as `EventSource` hands them out. */
export function addStreamed(schemas: Schemas): void {
  const chunk = schemas.of(outputChunk, "output");
  const event = schemas.of(jobEvent, "output");
  schemas.add("OutputMessage", {
    description: "A server-sent event of an output; `data` is JSON on one line",
    oneOf: [ref("OutputDataMessage"), ref("OutputEndMessage")],
    discriminator: {
      propertyName: "event",
      mapping: {
        output: "#/components/schemas/OutputDataMessage",
        end: "#/components/schemas/OutputEndMessage",
      },
    },
    examples: [{ id: 23, event: "end", data: { offset: 23 } }],
  });
  const id = { type: "integer", description: "The offset to go on from" };
  schemas.add("OutputDataMessage", {
    ...message({ id, event: { type: "string", const: "output" }, data: chunk }),
    description: "A piece of output",
    examples: [{ id: 18, event: "output", data: schemas.exampleOf("OutputChunk") }],
  });
  schemas.add("OutputEndMessage", {
    ...message({
      id,
      event: { type: "string", const: "end" },
      data: { type: "object", properties: { offset: { type: "integer" } }, required: ["offset"] },
    }),
    description: "No more will come: do not connect again",
    examples: [{ id: 23, event: "end", data: { offset: 23 } }],
  });
  schemas.add("JobEventMessage", {
    ...message({
      id: { type: "integer", description: "The event's `seq`" },
      event: { type: "string", enum: eventTypes },
      data: event,
    }),
    description: "A server-sent event of a job; `data` is JSON on one line",
    examples: [{ id: 3, event: "running", data: schemas.exampleOf("JobEvent") }],
  });
}

function message(properties: { id: Json; event: Json; data: Json }): Json {
  return { type: "object", properties, required: ["id", "event", "data"] };
}

const contents: Readonly<Record<string, Json>> = {
  "application/octet-stream": {},
  "application/json": { schema: {} },
  "application/x-ndjson": { schema: ref("OutputChunk") },
  [outputFramesType]: {
    schema: {
      type: "string",
      format: "binary",
      description:
        "Heads of 24 bytes, each followed by that many bytes of the stream. Byte 0 of a head: 0 alive, 1 stdout, " +
        "2 stderr, 3 end; bytes 4-7 the size of what follows, 8-15 its offset, 16-23 its time in ms since 1970; " +
        "unsigned, highest byte first.",
    },
  },
};

/** The forms in which an operation streams. */
export function streamContent(name: string, types: readonly string[]): Json | undefined {
  if (types.length === 0) return undefined;
  return Object.fromEntries(
    types.map((type) => [type, type === "text/event-stream" ? serverSent(name) : (contents[type] ?? {})]),
  );
}

/** Text for whoever reads it whole; what it is made of for whoever reads it event by event. */
function serverSent(name: string): Json {
  const of = ref(name === "watchJob" ? "JobEventMessage" : "OutputMessage");
  return { schema: { type: "string", contentMediaType: "text/event-stream", contentSchema: of } };
}
