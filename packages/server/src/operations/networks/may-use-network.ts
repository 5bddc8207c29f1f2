import { operations, type Permission } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** To use a profile is to execute it. */
export const useNetwork: Permission = { resource: "networks", verb: "execute" };

/** What the operator's setting names everybody may use; others whoever was granted them by name, or may change profiles. */
export async function mayUseNetwork(
  { access, policy }: Pick<Context, "access" | "policy">,
  { caller, name }: { caller: Caller; name: string },
): Promise<boolean> {
  if (name === "none" || policy.network.allowed.includes(name)) return true;
  if (await access.allows(caller, useNetwork, { called: name })) return true;
  return access.allows(caller, operations.updateNetwork.permission, { owner: "" });
}
