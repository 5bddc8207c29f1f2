import { operations } from "@berth/protocol";
import type { KnownSecret, SecretUpdate } from "../../secrets/secrets.ts";
import type { Context } from "../context.ts";
import type { SecretRequest } from "./get-secret.ts";

/** Throws REQUEST_INVALID, SECRET_EXISTS, SECRET_LIMIT. */
export async function createSecret(
  { access, store, audit, secrets, events }: Context,
  { caller, name, ...update }: SecretRequest & SecretUpdate,
): Promise<KnownSecret> {
  await access.demand(caller, operations.createSecret.permission, { called: name });
  const record = audit.entry(caller, {
    ...operations.createSecret.permission,
    name,
    about: { keys: Object.keys(update.values) },
  });
  const made = await secrets.by(store.audited(record).secrets).create(name, update);
  events.accessChanged({ what: "Secret made", name }, caller);
  return made;
}
