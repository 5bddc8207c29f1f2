import type { TaskSpec } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { requestInvalid } from "../../../core/input/check.ts";
import { keysIn } from "../../../core/task/webhook-signature.ts";
import type { Context } from "../../context.ts";
import { demandSecret } from "../../jobs/submit/given-secrets.ts";

/**
 * Whoever has the ends of runs told must be allowed to use the secret that signs, which has to hold what can, and name no address
 * that is closed. Throws SECRET_NOT_ALLOWED, REQUEST_INVALID.
 */
export async function demandCallbacks(
  context: Context,
  { caller, spec: { callbacks = [] }, what }: { caller: Caller; spec: TaskSpec; what: string },
): Promise<void> {
  for (const [n, { url, secret }] of callbacks.entries()) {
    const why = context.deliveries.whyRefused(url);
    if (why !== null) throw requestInvalid([{ field: `spec.callbacks[${n}].url`, message: why }]);
    await demandSecret(context, { caller, name: secret, what });
    const found = await context.secrets.pin(secret);
    if (keysIn("standard", found?.values ?? new Map()).length > 0) continue;
    const wanted = "24 bytes or more in base64, with `whsec_` before it or without";
    const message = `must hold what can sign: ${wanted}`;
    throw requestInvalid([{ field: `spec.callbacks[${n}].secret`, message }]);
  }
}
