import type { ErrorSpec } from "./error-spec.ts";

/** What a request itself can have wrong. */
export const requestErrors = {
  REQUEST_INVALID: {
    status: 400,
    grpc: 3,
    retryable: false,
    fix: "Correct the fields named in `problems` and send the request again",
  },
  CURSOR_INVALID: {
    status: 400,
    grpc: 3,
    retryable: false,
    fix: "Start again without `cursor`, or pass the `next` of the last page unchanged",
  },
  ROUTE_NOT_FOUND: { status: 404, grpc: 12, retryable: false, fix: "See `/api/v1/docs` for every path" },
  METHOD_NOT_ALLOWED: {
    status: 405,
    grpc: 12,
    retryable: false,
    fix: "See `/api/v1/docs` for the methods of this path",
  },
  NOT_ACCEPTABLE: {
    status: 406,
    grpc: 3,
    retryable: false,
    fix: "Accept what the message names",
  },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Use a new `Idempotency-Key` for another request",
  },
  BODY_TOO_LARGE: {
    status: 413,
    grpc: 8,
    retryable: false,
    fix: "Send less; the `files` of a job may hold 10 MiB together, and `berth run --dir` sends more beside it",
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    grpc: 3,
    retryable: false,
    fix: "Send `Content-Type: application/json`",
  },
  OFFSET_OUT_OF_RANGE: {
    status: 416,
    grpc: 11,
    retryable: false,
    fix: "Ask from an offset that is not past the end of the output",
  },
  HOST_UNKNOWN: {
    status: 421,
    grpc: 7,
    retryable: false,
    fix: "Call the server by its address or by a name that it knows; an operator adds names to BERTH_HTTP_NAMES",
  },
  TOO_MANY_OPEN: {
    status: 429,
    grpc: 8,
    retryable: true,
    fix: "Close what is not needed, or try again in a second; an operator can raise the settings that the message names",
  },
} as const satisfies Record<string, ErrorSpec>;
