import { operations } from "@berth/protocol";
import type { Context } from "../context.ts";
import type { SecretRequest } from "./get-secret.ts";

/** Throws SECRET_NOT_FOUND, SECRET_READ_ONLY, and SECRET_IN_USE while a job that has not ended has it. */
export async function deleteSecret(
  { access, store, audit, secrets, events }: Context,
  { caller, name }: SecretRequest,
): Promise<void> {
  await access.demand(caller, operations.deleteSecret.permission, { called: name });
  const record = audit.entry(caller, { ...operations.deleteSecret.permission, name });
  await secrets.by(store.audited(record).secrets).delete(name);
  events.accessChanged({ what: "Secret deleted", name }, caller);
}
