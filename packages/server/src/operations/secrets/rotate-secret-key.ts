import { operations, type RotatedKey } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Throws SECRET_KEY_MISSING where a key is lost that something is sealed by: all before it stays as it is by then. */
export async function rotateSecretKey(
  { access, store, audit, secrets, events }: Context,
  { caller }: { caller: Caller },
): Promise<RotatedKey> {
  await access.demand(caller, operations.rotateSecretKey.permission);
  // Of many writes, each of which changes nothing that anybody sees: so before the first of them.
  await store.audit.append([audit.entry(caller, { ...operations.rotateSecretKey.permission, name: "key" })]);
  const rotated = await secrets.rotate();
  events.accessChanged({ what: "Master key of secrets changed", id: rotated.key }, caller);
  return rotated;
}
