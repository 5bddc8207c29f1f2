import type { ErrorSpec } from "./error-spec.ts";

/** Who asks, and what they may. */
export const accessErrors = {
  UNAUTHENTICATED: {
    status: 401,
    grpc: 16,
    retryable: false,
    fix: "Send `Authorization: Bearer TOKEN`; on a fresh server the token lies in `<data>/admin-token`",
  },
  CERTIFICATE_REFUSED: {
    status: 401,
    grpc: 16,
    retryable: false,
    fix: "Get a new client certificate: `berth login --cert`, or `berth cert issue NAME` by an administrator",
  },
  PASSWORD_EXPIRED: {
    status: 403,
    grpc: 7,
    retryable: false,
    fix: "Choose a password: `berth user password`, or `POST /api/v1/password`",
  },
  IDENTITY_NOT_LINKED: {
    status: 403,
    grpc: 7,
    retryable: false,
    fix: "Ask an administrator to link it: `berth user link NAME --provider P --subject S`",
  },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    grpc: 8,
    retryable: true,
    fix: "Wait for as long as `Retry-After` says, then try again with the right password",
  },
  LOGIN_NOT_FOUND: { status: 404, grpc: 5, retryable: false, fix: "Begin it anew: `berth login --device`" },
  GROUP_NOT_FOUND: { status: 404, grpc: 5, retryable: false, fix: "Check the name with `berth group list`" },
  ROLE_NOT_FOUND: { status: 404, grpc: 5, retryable: false, fix: "Check the name with `berth role list`" },
  ROLE_IN_USE: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Delete the bindings that give it first: `berth binding list`",
  },
  TOO_MANY_GROUPS: {
    status: 409,
    grpc: 8,
    retryable: false,
    fix: "Delete groups that nobody needs any more",
  },
  TOO_MANY_ROLES: {
    status: 409,
    grpc: 8,
    retryable: false,
    fix: "Delete roles that nobody has: `berth role delete`",
  },
  USER_NOT_FOUND: { status: 404, grpc: 5, retryable: false, fix: "Check the name with `berth user list`" },
  SESSION_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the id with `berth session list`",
  },
  NAME_TAKEN: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Choose another name; one that was deleted comes back by `berth user restore`",
  },
  TOO_MANY_USERS: {
    status: 409,
    grpc: 8,
    retryable: false,
    fix: "Run another server for the others",
  },
  BUILT_IN: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Use one of your own instead: this one is the server's",
  },
  IDENTITY_UNAVAILABLE: {
    status: 503,
    grpc: 14,
    retryable: true,
    fix: "Try again in a moment; where it goes on, an operator finds out by `berth doctor` who does not answer",
  },
  CERTIFICATES_OFF: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Let the server have an authority of its own: BERTH_GRPC_ADDRESS set, BERTH_GRPC_CERTS not",
  },
  CERTIFICATE_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the serial number with `berth cert list`",
  },
  TOKEN_NOT_FOUND: { status: 404, grpc: 5, retryable: false, fix: "Check the id with `berth token list`" },
  BINDING_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the id with `berth binding list`",
  },
  QUOTA_NOT_FOUND: { status: 404, grpc: 5, retryable: false, fix: "Check the name with `berth quota list`" },
  TOO_MANY_BINDINGS: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Delete bindings that nobody needs any more: `berth binding list`",
  },
  FORBIDDEN: {
    status: 403,
    grpc: 7,
    retryable: false,
    fix: "Ask an administrator to do it: only administrators may",
  },
} as const satisfies Record<string, ErrorSpec>;
