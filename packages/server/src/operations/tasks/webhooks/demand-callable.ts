import { operations, type WebhookSpec } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { requestInvalid } from "../../../core/input/check.ts";
import { keyOf } from "../../../core/task/webhook-signature.ts";
import type { Context } from "../../context.ts";
import { demandSecret } from "../../jobs/submit/given-secrets.ts";
import { findDefinition } from "../definitions/find-definition.ts";

/**
 * Whoever has a task run by calls must be allowed to run it, and to use the secret that signs them, which has to hold what can.
 * Throws TASK_NOT_FOUND, FORBIDDEN, SECRET_NOT_ALLOWED, REQUEST_INVALID.
 */
export async function demandCallable(
  context: Context,
  { caller, spec }: { caller: Caller; spec: WebhookSpec },
): Promise<void> {
  const asked = { caller, kind: "task" as const, name: spec.task };
  await findDefinition(context, asked, operations.runTask.permission);
  await demandSecret(context, { caller, name: spec.secret, what: "Cannot define webhook" });
  const { signature = "standard" } = spec;
  const found = await context.secrets.pin(spec.secret);
  const unfit = [...(found?.values ?? [])].filter(([, value]) => keyOf(signature, value) === null);
  const wanted =
    signature === "standard"
      ? "24 bytes or more in base64, with `whsec_` before it or without"
      : "16 characters or more";
  const message =
    found === null || found.values.size === 0
      ? "is not there, or holds nothing"
      : `holds what cannot sign, in ${unfit.map(([key]) => key).join(", ")}: it takes ${wanted}`;
  if (found === null || found.values.size === 0 || unfit.length > 0)
    throw requestInvalid([{ field: "spec.secret", message }]);
}
