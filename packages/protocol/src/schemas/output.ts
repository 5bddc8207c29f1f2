import { z } from "zod";
import { outputChunkExample } from "./examples.ts";

export const outputStreams = ["stdout", "stderr", "all"] as const;
export type OutputStream = (typeof outputStreams)[number];

/**
 * A piece of output, as NDJSON line and as SSE data. `offset` counts bytes of the stream that was asked for
 * (for `all`: of both together, in the order in which they were seen); `offset` + size is where to go on.
 */
export const outputChunk = z
  .object({
    stream: z.enum(["stdout", "stderr"]),
    offset: z.int(),
    at: z.iso.datetime(),
    data: z.string().meta({ description: "base64 of the bytes" }),
  })
  .meta({ id: "OutputChunk", examples: [outputChunkExample] });

export type OutputChunk = z.infer<typeof outputChunk>;
