import { BerthError, networkBounds, type NetworkSpec, operations } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Context } from "../context.ts";
import { digestOfSpec } from "./rules-of-spec.ts";
import type { NetworkRequest } from "./get-network.ts";
import { fixedNetwork } from "./known-networks.ts";
import { type ShownNetwork, shownTo } from "./list-networks.ts";

/** Defines a profile. Throws REQUEST_INVALID, NETWORK_EXISTS, NETWORK_READ_ONLY, NETWORK_LIMIT. */
export async function createNetwork(
  context: Context,
  { caller, name, spec }: NetworkRequest & { spec: NetworkSpec },
): Promise<ShownNetwork> {
  const { access, store, audit, now } = context;
  await access.demand(caller, operations.createNetwork.permission);
  const at = now();
  const network = { name, spec, digest: digestOfSpec(spec), createdAt: at, updatedAt: at };
  if (fixedNetwork(context, name) !== null) throw taken(name);
  if ((await store.networks.list()).length >= networkBounds.profiles)
    throw new BerthError(
      "NETWORK_LIMIT",
      `Cannot create network profile "${name}": there are ${networkBounds.profiles} already`,
    );
  const changes = changesBetween(null, spec);
  const record = audit.entry(caller, { ...operations.createNetwork.permission, name, changes });
  if (!(await store.audited(record).networks.insert(network))) throw taken(name);
  return shownTo(context, { caller, network: { ...network, source: "api" } });
}

function taken(name: string): BerthError {
  return new BerthError(
    "NETWORK_EXISTS",
    `Cannot create network profile "${name}": there is one of that name`,
  );
}
