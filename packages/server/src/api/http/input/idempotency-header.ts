import type { FastifyRequest } from "fastify";
import { requestInvalid } from "../../../core/input/check.ts";
import { idempotencyKeyProblem } from "../../../core/input/idempotency-key.ts";

/** null where the client says none. Throws REQUEST_INVALID. */
export function idempotencyKey({ headers }: FastifyRequest): string | null {
  const key = headers["idempotency-key"];
  if (key === undefined) return null;
  const message = idempotencyKeyProblem(key);
  if (message !== null) throw requestInvalid([{ field: 'headers["idempotency-key"]', message }]);
  return String(key);
}
