import type { ErrorSpec } from "./error-spec.ts";

/** Engines, and what they can. */
export const engineErrors = {
  ENGINE_UNKNOWN: {
    status: 422,
    grpc: 3,
    retryable: false,
    fix: "Choose an engine that `GET /api/v1/engines` lists",
  },
  ENGINE_NOT_ALLOWED: {
    status: 403,
    grpc: 7,
    retryable: false,
    fix: "Name another as `engine`, or ask for a role with `execute` on it; an operator sets `BERTH_ENGINES_ALLOWED`",
  },
  IMAGE_NOT_ALLOWED: {
    status: 403,
    grpc: 7,
    retryable: false,
    fix: "Name another as `image`, or ask for a role with `execute` on `images` of exactly this name",
  },
  ENGINE_UNABLE: {
    status: 422,
    grpc: 9,
    retryable: false,
    fix: "Ask for what the engine's `capabilities` in `GET /api/v1/engines` name, or choose another engine",
  },
  ENGINE_UNAVAILABLE: { status: 503, grpc: 14, retryable: true, fix: "Run `berth doctor` on the host" },
  LIMIT_NOT_ENFORCEABLE: {
    status: 422,
    grpc: 9,
    retryable: false,
    fix: "Leave the limit out, run on a host that `berth doctor` shows as able, or let the operator set `limits: best-effort`",
  },
} as const satisfies Record<string, ErrorSpec>;
