import { create } from "@bufbuild/protobuf";
import { BerthError, type JobSpec } from "@berth/protocol";
import { type ExecuteReply, ExecuteReplySchema, type ExecuteRequest } from "@berth/protocol/executor";
import { keyOf } from "../../../core/caller/principal.ts";
import type { ReadSpec } from "../../../core/input/read-spec.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import type { Context } from "../../../operations/context.ts";
import { submitJob } from "../../../operations/jobs/submit-job.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import { LargeRequest, type RequestReader } from "../large/large-request.ts";
import type { LargeInfos } from "../large/large-infos.ts";
import { executionId } from "../messages/execution-info.ts";
import { type AskedBeside, inWireNames, requestedJob } from "../messages/requested-job.ts";
import { awaitedExecution } from "./awaited-execution.ts";

interface Parts {
  context: Context;
  reader: RequestReader;
  infos: LargeInfos;
}

export async function executeCommand(
  parts: Parts,
  request: ExecuteRequest | LargeRequest,
  call: AdmittedCall,
): Promise<ExecuteReply> {
  const { id, waitMs } = await submit(parts, request, call);
  return create(ExecuteReplySchema, {
    executionId: executionId(id),
    ...(waitMs && { execution: await awaitedExecution(parts, { id, waitMs }, call) }),
  });
}

/** By itself: whoever waits for the end of the job holds nothing of its contents, which may be megabytes. */
async function submit(
  { context, reader }: Parts,
  request: ExecuteRequest | LargeRequest,
  { caller }: AdmittedCall,
): Promise<{ id: string; waitMs: number | undefined }> {
  const { spec, more } = await read(request, { reader, who: keyOf(caller.principal) });
  const { idempotencyKey, waitMs } = more;
  const { job } = await submitJob(context, { caller, spec, idempotencyKey }).catch((error: unknown) => {
    throw renamed(error);
  });
  return { id: job.id, waitMs };
}

async function read(
  request: ExecuteRequest | LargeRequest,
  { reader, who }: { reader: RequestReader; who: string },
): Promise<{ spec: JobSpec | ReadSpec; more: AskedBeside }> {
  if (request instanceof LargeRequest) {
    try {
      return await reader.read([request.take()], who);
    } finally {
      request.read.resolve();
    }
  }
  return onLoop("gRPC submitJob: check", () => requestedJob(request));
}

function renamed(error: unknown): unknown {
  if (!(error instanceof BerthError) || error.problems.length === 0) return error;
  const problems = inWireNames(error.problems);
  return new BerthError(error.code, error.message, { problems, cause: error });
}
