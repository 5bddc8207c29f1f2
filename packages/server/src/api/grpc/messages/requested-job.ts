import { jobSpec, type JobSpec, type Problem } from "@berth/protocol";
import type { ExecuteRequest } from "@berth/protocol/executor";
import { check, requestInvalid } from "../../../core/input/check.ts";
import { idempotencyKeyProblem } from "../../../core/input/idempotency-key.ts";
import { jobSpecOf, wireField } from "./execute-request.ts";

/** What an ExecuteRequest says, checked. */
export interface RequestedJob {
  spec: JobSpec;
  more: AskedBeside;
}

/** What is asked beside the job. */
export interface AskedBeside {
  idempotencyKey: string | null;
  waitMs: number | undefined;
}

/** Throws REQUEST_INVALID, with the fields as this wire names them. */
export function requestedJob(request: ExecuteRequest): RequestedJob {
  const checked = check(jobSpec, jobSpecOf(request));
  const { idempotencyKey, waitMs } = request;
  const keyProblem = idempotencyKey === "" ? null : idempotencyKeyProblem(idempotencyKey);
  if (!("value" in checked) || keyProblem !== null) {
    const problems = "problems" in checked ? checked.problems : [];
    const ofKey = keyProblem === null ? [] : [{ field: "idempotencyKey", message: keyProblem }];
    throw requestInvalid([...inWireNames(problems), ...ofKey]);
  }
  return {
    spec: checked.value,
    more: { idempotencyKey: idempotencyKey === "" ? null : idempotencyKey, waitMs },
  };
}

export function inWireNames(problems: readonly Problem[]): Problem[] {
  return problems.map(({ field, message }) => ({ field: wireField(field), message }));
}
