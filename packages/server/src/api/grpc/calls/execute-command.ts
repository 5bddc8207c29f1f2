import { create } from "@bufbuild/protobuf";
import { BerthError, jobSpec, type Problem } from "@berth/protocol";
import { type ExecuteReply, ExecuteReplySchema, type ExecuteRequest } from "@berth/protocol/executor";
import { check, requestInvalid } from "../../../core/input/check.ts";
import { idempotencyKeyProblem } from "../../../core/input/idempotency-key.ts";
import type { Context } from "../../../operations/context.ts";
import { submitJob } from "../../../operations/jobs/submit-job.ts";
import type { Caller } from "../caller.ts";
import { awaitedExecution } from "./awaited-execution.ts";
import { executionId } from "../messages/execution-info.ts";
import { jobSpecOf, wireField } from "../messages/execute-request.ts";

export async function executeCommand(
  context: Context,
  request: ExecuteRequest,
  caller: Caller,
): Promise<ExecuteReply> {
  const checked = check(jobSpec, jobSpecOf(request));
  const problems = "problems" in checked ? checked.problems : [];
  const { idempotencyKey } = request;
  const keyProblem = idempotencyKey === "" ? null : idempotencyKeyProblem(idempotencyKey);
  if (!("value" in checked) || keyProblem !== null) {
    const ofKey = keyProblem === null ? [] : [{ field: "idempotencyKey", message: keyProblem }];
    throw requestInvalid([...inWireNames(problems), ...ofKey]);
  }
  const { job } = await submitJob(context, {
    principal: caller.principal,
    spec: checked.value,
    idempotencyKey: idempotencyKey === "" ? null : idempotencyKey,
  }).catch((error: unknown) => {
    throw renamed(error);
  });
  const { waitMs } = request;
  return create(ExecuteReplySchema, {
    executionId: executionId(job.id),
    ...(waitMs && { execution: await awaitedExecution(context, { id: job.id, waitMs }, caller) }),
  });
}

function renamed(error: unknown): unknown {
  if (!(error instanceof BerthError) || error.problems.length === 0) return error;
  const problems = inWireNames(error.problems);
  return new BerthError(error.code, error.message, { problems, cause: error });
}

function inWireNames(problems: readonly Problem[]): Problem[] {
  return problems.map(({ field, message }) => ({ field: wireField(field), message }));
}
