import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { knownNetwork } from "./known-networks.ts";
import { type ShownNetwork, shownTo } from "./list-networks.ts";

export interface NetworkRequest {
  caller: Caller;
  name: string;
}

/** Throws NETWORK_NOT_FOUND. */
export async function getNetwork(context: Context, { caller, name }: NetworkRequest): Promise<ShownNetwork> {
  await context.access.demand(caller, operations.getNetwork.permission);
  const network = await knownNetwork(context, name);
  if (network === null) throw networkNotFound(name);
  return shownTo(context, { caller, network });
}

export function networkNotFound(name: string): BerthError {
  return new BerthError("NETWORK_NOT_FOUND", `Cannot find network profile "${name}"`);
}
