import type { ExecutionId } from "@berth/protocol/executor";
import { isId } from "../../../lib/ids.ts";
import { jobNotFound, type JobRequest } from "../../../operations/jobs/find-job.ts";
import type { AdmittedCall } from "../admitted-call.ts";

/** The execution that a request names. An id that cannot be one is answered like one that is not there. */
export function targetOf(
  { executionId }: { executionId?: ExecutionId | undefined },
  { caller }: AdmittedCall,
): JobRequest {
  const id = executionId?.value ?? "";
  if (!isId(id)) throw jobNotFound(id.slice(0, 100));
  return { caller, id };
}
