import type { ErrorSpec } from "./error-spec.ts";

/** Jobs and what belongs to them. */
export const jobErrors = {
  JOB_NOT_FOUND: { status: 404, grpc: 5, retryable: false, fix: "Check the id with `berth list`" },
  JOB_NOT_FINISHED: { status: 409, grpc: 9, retryable: true, fix: "Stop the job first, or wait for its end" },
  JOB_FINISHED: { status: 409, grpc: 9, retryable: false, fix: "Submit the job again" },
  JOB_FAILED: {
    status: 0,
    grpc: 9,
    retryable: false,
    fix: "See its cause and what it printed: `berth status ID`, `berth output ID`",
  },
  STAGE_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Name one of the `stages` that `GET /api/v1/jobs/{id}` lists, by its id or its kind",
  },
  ARTIFACT_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "List what was kept with `GET /api/v1/jobs/{id}/artifacts`; name the paths to keep in `collect`",
  },
  RESULT_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Print the JSON document between two lines `^JSON`, or name a file in `resultFile`",
  },
  QUOTA_EXCEEDED: {
    status: 429,
    grpc: 8,
    retryable: true,
    fix: "Wait until the message says, or ask an administrator for more: `berth quota list`",
  },
  QUEUE_FULL: {
    status: 429,
    grpc: 8,
    retryable: true,
    fix: "Wait for running jobs to end, then submit again",
  },
} as const satisfies Record<string, ErrorSpec>;
