import type { ErrorSpec } from "./error-spec.ts";

/** The server, its host and its database, and the way to them. */
export const serverErrors = {
  INTERNAL: { status: 500, grpc: 13, retryable: true, fix: "Look up the request id in the server's log" },
  SHUTTING_DOWN: { status: 503, grpc: 14, retryable: true, fix: "Try again in a few seconds" },
  STANDS_BY: {
    status: 503,
    grpc: 14,
    retryable: true,
    fix: "Ask the server that has the database; this one answers once that is gone",
  },
  STORAGE_FAILED: {
    status: 507,
    grpc: 8,
    retryable: true,
    fix: "Look at the server's data disk: the message says what is wrong with it",
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    grpc: 14,
    retryable: true,
    fix: "Start the database, or see to it that the server reaches it",
  },
  DATABASE_IN_USE: {
    status: 503,
    grpc: 14,
    retryable: false,
    fix: "Stop the other server, or give this one a database of its own",
  },
  DATA_FOLDER_IN_USE: {
    status: 0,
    grpc: 9,
    retryable: true,
    fix: "End that server first, or give this one another BERTH_DATA_DIR",
  },
  CONTROL_GROUP_IN_USE: {
    status: 0,
    grpc: 9,
    retryable: true,
    fix: "End that server first, or give this one another BERTH_CGROUP",
  },
  SETTINGS_INVALID: { status: 0, grpc: 9, retryable: false, fix: "Correct the settings named above" },
  SERVER_UNREACHABLE: {
    status: 0,
    grpc: 14,
    retryable: true,
    fix: "Start it with `berth server`, or set BERTH_URL",
  },
  RESPONSE_INVALID: {
    status: 0,
    grpc: 13,
    retryable: false,
    fix: "Check that BERTH_URL names a Berth server of a matching version",
  },
} as const satisfies Record<string, ErrorSpec>;
