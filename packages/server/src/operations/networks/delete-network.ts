import { BerthError, operations } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Context } from "../context.ts";
import { networkNotFound, type NetworkRequest } from "./get-network.ts";
import { demandChangeable } from "./own-network.ts";

/** So many are named where some still use it. */
const NAMED = 5;

/** Throws NETWORK_NOT_FOUND, NETWORK_READ_ONLY, and NETWORK_IN_USE while a job that has not ended has it. */
export async function deleteNetwork(context: Context, { caller, name }: NetworkRequest): Promise<void> {
  const { access, store, audit } = context;
  await access.demand(caller, operations.deleteNetwork.permission);
  demandChangeable(context, { name, what: "delete" });
  const users = await store.networks.users(name, NAMED + 1);
  if (users.length > 0) {
    const more = users.length > NAMED ? ", and more" : "";
    throw new BerthError(
      "NETWORK_IN_USE",
      `Cannot delete network profile "${name}": jobs use it: ${users.slice(0, NAMED).join(", ")}${more}`,
    );
  }
  const changes = changesBetween((await store.networks.get(name))?.spec ?? null, null);
  const record = audit.entry(caller, { ...operations.deleteNetwork.permission, name, changes });
  if (!(await store.audited(record).networks.delete(name))) throw networkNotFound(name);
}
