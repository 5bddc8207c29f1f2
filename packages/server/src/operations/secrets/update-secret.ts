import { operations } from "@berth/protocol";
import type { KnownSecret, SecretUpdate } from "../../secrets/secrets.ts";
import type { Context } from "../context.ts";
import type { SecretRequest } from "./get-secret.ts";

/** For jobs that are submitted from now on. Throws REQUEST_INVALID, SECRET_NOT_FOUND, SECRET_READ_ONLY, SECRET_KEY_MISSING. */
export async function updateSecret(
  { access, store, audit, secrets, events }: Context,
  { caller, name, ...update }: SecretRequest & SecretUpdate,
): Promise<KnownSecret> {
  await access.demand(caller, operations.updateSecret.permission, { called: name });
  const record = audit.entry(caller, {
    ...operations.updateSecret.permission,
    name,
    about: { keys: Object.keys(update.values) },
  });
  const changed = await secrets.by(store.audited(record).secrets).update(name, update);
  events.accessChanged({ what: "Secret changed", name }, caller);
  return changed;
}
