import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { type KnownNetwork, knownNetworks } from "./known-networks.ts";
import { mayUseNetwork } from "./may-use-network.ts";

export interface ShownNetwork extends KnownNetwork {
  /** Whether the caller may submit jobs with it. */
  allowed: boolean;
}

/** Every profile, by name. */
export async function listNetworks(
  context: Context,
  { caller }: { caller: Caller },
): Promise<ShownNetwork[]> {
  await context.access.demand(caller, operations.listNetworks.permission);
  const known = await knownNetworks(context);
  return Promise.all(known.map((network) => shownTo(context, { caller, network })));
}

/** A profile as this caller is shown it. */
export async function shownTo(
  context: Context,
  { caller, network }: { caller: Caller; network: KnownNetwork },
): Promise<ShownNetwork> {
  return { ...network, allowed: await mayUseNetwork(context, { caller, name: network.name }) };
}
