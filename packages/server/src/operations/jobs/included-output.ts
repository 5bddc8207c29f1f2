import { includedOutputBytes, operations, type OutputText } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Job } from "../../core/job/job.ts";
import type { Context } from "../context.ts";

/** The first 64 KiB of each stream as text, for answers that carry the output with them. */
export async function includedOutput(
  { logs, access }: Context,
  { caller, job }: { caller: Caller; job: Job },
): Promise<{ stdout: OutputText; stderr: OutputText }> {
  await access.demand(caller, operations.readOutput.permission, job);
  const sizes = await logs.sizes(job.id);
  const text = async (stream: "stdout" | "stderr"): Promise<OutputText> => {
    const bytes = sizes[stream];
    const head = bytes === 0 ? new Uint8Array() : await logs.head(job.id, stream, includedOutputBytes);
    return { text: new TextDecoder().decode(head), bytes, truncated: bytes > head.length };
  };
  return { stdout: await text("stdout"), stderr: await text("stderr") };
}
