import type { Job } from "../../../core/job/job.ts";
import { grantOf, type NetworkGrant, noNetwork } from "../../../core/network/profile.ts";
import { EngineError } from "../../../engines/engine.ts";
import type { ReconcilerContext } from "../../context.ts";

/** What the job was granted when it was submitted. Most have none, and nothing is asked for them. */
export async function networkOf(
  { store }: Pick<ReconcilerContext, "store">,
  { id, network }: Pick<Job, "id" | "network">,
): Promise<NetworkGrant> {
  if (network === null) return noNetwork;
  const rules = await store.networks.rules(network.digest);
  if (rules !== null) return grantOf(network.name, { rules, observe: network.observe });
  const message = `Cannot start job "${id}": what its network profile "${network.name}" opened is not stored any more`;
  throw new EngineError(message, { blame: "engine", retryable: false });
}
