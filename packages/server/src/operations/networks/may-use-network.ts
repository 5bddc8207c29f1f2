import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Whoever may change profiles may use each; others only what the operator's setting names. */
export async function mayUseNetwork(
  { access, policy }: Pick<Context, "access" | "policy">,
  { caller, name }: { caller: Caller; name: string },
): Promise<boolean> {
  if (name === "none" || policy.network.allowed.includes(name)) return true;
  return access.allows(caller, operations.updateNetwork.permission, { owner: "" });
}
