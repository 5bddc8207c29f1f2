import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type ExecutionEvent,
  ExecutionEventSchema,
  type WatchExecutionRequest,
} from "@berth/protocol/executor";
import type { JobEvent } from "../../../core/job/job.ts";
import type { Context } from "../../../operations/context.ts";
import { watchJob } from "../../../operations/jobs/watch-job.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import { causeMessage, executionId, timeOrNone } from "../messages/execution-info.ts";
import { targetOf } from "../messages/target.ts";
import type { Outgoing } from "../outbox.ts";

export async function* watchExecution(
  context: Context,
  request: WatchExecutionRequest,
  call: AdmittedCall,
): AsyncGenerator<Outgoing<ExecutionEvent>> {
  const target = targetOf(request, call);
  const afterSeq = Number(request.afterSeq);
  const { signal } = call;
  for await (const event of await watchJob(context, { ...target, afterSeq, signal })) {
    yield { message: eventMessage(event) };
  }
}

function eventMessage(event: JobEvent): ExecutionEvent {
  const deadlineAt = timeOrNone(event.deadlineAt);
  return create(ExecutionEventSchema, {
    executionId: executionId(event.jobId),
    seq: BigInt(event.seq),
    type: event.type,
    at: timestampFromMs(event.at),
    ...(event.cause && { cause: causeMessage(event.cause) }),
    ...(event.exitCode !== null && { exitCode: event.exitCode }),
    ...(deadlineAt && { deadlineAt }),
  });
}
