import type { ErrorSpec } from "./error-spec.ts";

/** Networks of jobs. */
export const networkErrors = {
  NETWORK_UNKNOWN: {
    status: 400,
    grpc: 3,
    retryable: false,
    fix: "Name one of those that `berth network list` shows, or `none`",
  },
  NETWORK_NOT_ALLOWED: {
    status: 403,
    grpc: 7,
    retryable: false,
    fix: "Use one that `berth network list` shows as allowed, or ask for a role with `execute` on it; an operator sets `BERTH_NETWORK_ALLOWED`",
  },
  NETWORK_UNAVAILABLE: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Run `berth doctor`: it says what the engine's host lacks for it",
  },
  NETWORK_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the name with `berth network list`",
  },
  NETWORK_EXISTS: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Choose another name, or change that one with `berth network update`",
  },
  NETWORK_READ_ONLY: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Change it in the server's berth.yaml and start the server anew, or define one of another name",
  },
  NETWORK_IN_USE: {
    status: 409,
    grpc: 9,
    retryable: true,
    fix: "Delete it when these jobs have ended, or stop them",
  },
  NETWORK_NOTHING_SEEN: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Run the jobs with a network and `observe` (`berth run --network internet --observe`), and wait for their end",
  },
  NETWORK_LIMIT: {
    status: 409,
    grpc: 8,
    retryable: false,
    fix: "Delete profiles that nobody needs with `berth network delete`",
  },
} as const satisfies Record<string, ErrorSpec>;
