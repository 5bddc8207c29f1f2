import { includedOutputBytes, operations, type OutputText } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Job } from "../../core/job/job.ts";
import type { LogStore, ReadRequest } from "../../logs/log-store.ts";
import type { Context } from "../context.ts";

/** The first 64 KiB of each stream as text, for answers that carry the output with them. */
export async function includedOutput(
  { logs, access, jobSecrets }: Context,
  { caller, job }: { caller: Caller; job: Job },
): Promise<{ stdout: OutputText; stderr: OutputText }> {
  await access.demand(caller, operations.readOutput.permission, job);
  const masks = await jobSecrets.masks(job);
  const sizes = await logs.sizes(job.id);
  const text = async (stream: "stdout" | "stderr"): Promise<OutputText> => {
    const bytes = sizes[stream];
    const head = bytes === 0 ? new Uint8Array() : await headOf(logs, { jobId: job.id, stream, masks });
    return { text: new TextDecoder().decode(head), bytes, truncated: bytes > head.length };
  };
  return { stdout: await text("stdout"), stderr: await text("stderr") };
}

async function headOf(
  logs: LogStore,
  { jobId, stream, masks }: { jobId: string; stream: "stdout" | "stderr"; masks: ReadRequest["masks"] },
): Promise<Uint8Array> {
  if (!masks) return logs.head(jobId, stream, includedOutputBytes);
  const parts: Uint8Array[] = [];
  let size = 0;
  const { signal } = new AbortController();
  for await (const { data } of logs.read(jobId, { stream, offset: 0, follow: false, signal, masks })) {
    parts.push(data);
    size += data.length;
    if (size >= includedOutputBytes) break;
  }
  return Buffer.concat(parts).subarray(0, includedOutputBytes);
}
