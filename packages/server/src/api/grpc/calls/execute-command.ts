import { setImmediate as nextTurn } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { BerthError, jobSpec, type Problem } from "@berth/protocol";
import { type ExecuteReply, ExecuteReplySchema, type ExecuteRequest } from "@berth/protocol/executor";
import { check, requestInvalid } from "../../../core/input/check.ts";
import { idempotencyKeyProblem } from "../../../core/input/idempotency-key.ts";
import type { Job } from "../../../core/job.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import type { Context } from "../../../operations/context.ts";
import { submitJob } from "../../../operations/jobs/submit-job.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import { awaitedExecution } from "./awaited-execution.ts";
import { executionId } from "../messages/execution-info.ts";
import { jobSpecOf, wireField } from "../messages/execute-request.ts";

/** Arguments, and names and values of maps: as many as the contract permits, and some. */
export const mostFields = 40_000;

const LARGE = 2 ** 20;

const crowded = new WeakSet<ExecuteRequest>();

/** Marks a request that was not read, for it has more than `mostFields`. */
export function markCrowded(request: ExecuteRequest): ExecuteRequest {
  crowded.add(request);
  return request;
}

export async function executeCommand(
  context: Context,
  request: ExecuteRequest,
  call: AdmittedCall,
): Promise<ExecuteReply> {
  const { waitMs } = request;
  const { id } = await submit(context, request, call);
  return create(ExecuteReplySchema, {
    executionId: executionId(id),
    ...(waitMs && { execution: await awaitedExecution(context, { id, waitMs }, call) }),
  });
}

async function submit(context: Context, request: ExecuteRequest, { caller }: AdmittedCall): Promise<Job> {
  if (crowded.has(request)) {
    throw requestInvalid([
      { field: "body", message: `must hold at most ${mostFields} fields: put long lists into an input file` },
    ]);
  }
  const checked = onLoop("gRPC submitJob: check", () => check(jobSpec, jobSpecOf(request)));
  const isLarge = contentBytes(request) > LARGE;
  // They are megabytes, and the request is kept for as long as its call is open.
  request.files = {};
  request.stdin = new Uint8Array();
  const problems = "problems" in checked ? checked.problems : [];
  const { idempotencyKey } = request;
  const keyProblem = idempotencyKey === "" ? null : idempotencyKeyProblem(idempotencyKey);
  if (!("value" in checked) || keyProblem !== null) {
    const ofKey = keyProblem === null ? [] : [{ field: "idempotencyKey", message: keyProblem }];
    throw requestInvalid([...inWireNames(problems), ...ofKey]);
  }
  // To check it took long when it is large: others have their turn before it is stored.
  if (isLarge) await nextTurn();
  const { job } = await submitJob(context, {
    caller,
    spec: checked.value,
    idempotencyKey: idempotencyKey === "" ? null : idempotencyKey,
  }).catch((error: unknown) => {
    throw renamed(error);
  });
  return job;
}

function contentBytes({ files, stdin }: ExecuteRequest): number {
  return Object.values(files).reduce((sum, { byteLength }) => sum + byteLength, stdin.byteLength);
}

function renamed(error: unknown): unknown {
  if (!(error instanceof BerthError) || error.problems.length === 0) return error;
  const problems = inWireNames(error.problems);
  return new BerthError(error.code, error.message, { problems, cause: error });
}

function inWireNames(problems: readonly Problem[]): Problem[] {
  return problems.map(({ field, message }) => ({ field: wireField(field), message }));
}
