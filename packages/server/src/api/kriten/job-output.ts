import type { Caller } from "../../core/caller/caller.ts";
import type { Job } from "../../core/job/job.ts";
import type { Context } from "../../operations/context.ts";
import { listStages } from "../../operations/jobs/list-stages.ts";
import { readOutput } from "../../operations/jobs/read-output.ts";
import type { Piece } from "../http/streams/send-stream.ts";

/** So much of an output stands in an answer that is JSON; all of it is in the log. */
const MOST_BYTES = 2 ** 20;

interface OutputRequest {
  caller: Caller;
  job: Job;
  signal: AbortSignal;
}

const whole = { stream: "all", offset: 0, follow: false } as const;

/** What a job has said so far, both streams as they came: its beginning where it is long. */
export async function beginningOf(context: Context, { caller, job, signal }: OutputRequest): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const { data } of await readOutput(context, { caller, id: job.id, ...whole, signal })) {
    pieces.push(Uint8Array.from(data));
    size += data.length;
    if (size >= MOST_BYTES) break;
  }
  return new TextDecoder().decode(Buffer.concat(pieces).subarray(0, MOST_BYTES));
}

/** Kriten's own words, blanks and all. */
const BEFORE = "\n\n## init container logs\n";
const OWN = "\n\n##application container logs \n";

/** What came before the user's code, and what that said. */
export async function* logOf(
  context: Context,
  { caller, job, signal }: OutputRequest,
): AsyncGenerator<Piece> {
  yield { data: Buffer.from(BEFORE) };
  for (const { id } of (await listStages(context, { caller, job })).filter((stage) => stage.id !== job.id))
    yield* await readOutput(context, { caller, id: job.id, ...whole, stage: id, signal });
  yield { data: Buffer.from(OWN) };
  yield* await readOutput(context, { caller, id: job.id, ...whole, signal });
}
