import { operations, type RotatedKey } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Throws SECRET_KEY_MISSING where a key is lost that something is sealed by: all before it stays as it is by then. */
export async function rotateSecretKey(
  { access, secrets, events }: Context,
  { caller }: { caller: Caller },
): Promise<RotatedKey> {
  await access.demand(caller, operations.rotateSecretKey.permission);
  const rotated = await secrets.rotate();
  events.accessChanged({ what: "Master key of secrets changed", id: rotated.key }, caller);
  return rotated;
}
