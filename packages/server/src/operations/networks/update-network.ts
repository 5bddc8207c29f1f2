import { type NetworkSpec, operations } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Context } from "../context.ts";
import { digestOfSpec } from "./rules-of-spec.ts";
import { getNetwork, networkNotFound, type NetworkRequest } from "./get-network.ts";
import type { ShownNetwork } from "./list-networks.ts";
import { demandChangeable } from "./own-network.ts";

/**
 * Puts another spec into the place of a profile's: for jobs that are submitted from now on, others keep what they were
 * granted. Throws REQUEST_INVALID, NETWORK_NOT_FOUND, NETWORK_READ_ONLY.
 */
export async function updateNetwork(
  context: Context,
  { caller, name, spec }: NetworkRequest & { spec: NetworkSpec },
): Promise<ShownNetwork> {
  const { access, store, audit, now } = context;
  await access.demand(caller, operations.updateNetwork.permission);
  demandChangeable(context, { name, what: "change" });
  const changes = changesBetween((await store.networks.get(name))?.spec ?? null, spec);
  const record = audit.entry(caller, { ...operations.updateNetwork.permission, name, changes });
  const changed = await store
    .audited(record)
    .networks.update(name, { spec, digest: digestOfSpec(spec), at: now() });
  if (!changed) throw networkNotFound(name);
  return getNetwork(context, { caller, name });
}
