import { BerthError } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { requestInvalid } from "../../../core/input/check.ts";
import type { SpecHead } from "../../../core/input/read-spec.ts";
import { type NetworkGrant, noNetwork } from "../../../core/network/profile.ts";
import type { Context } from "../../context.ts";
import { grantOfKnown } from "../../networks/granted-rules.ts";
import { knownNetwork, knownNetworks } from "../../networks/known-networks.ts";
import { mayUseNetwork } from "../../networks/may-use-network.ts";

/**
 * The network that a job is granted for as long as it lives, whatever becomes of its profile. A job without one asks for
 * nothing. Throws NETWORK_UNKNOWN, NETWORK_NOT_ALLOWED.
 */
export async function grantedNetwork(
  context: Context,
  { caller, head }: { caller: Caller; head: Pick<SpecHead, "network" | "observe"> },
): Promise<NetworkGrant> {
  const name = head.network ?? context.policy.network.default;
  if (name === "none") {
    if (head.observe !== true) return noNetwork;
    const message = "must not be true of a job without a network: name one as its `network`";
    throw requestInvalid([{ field: "observe", message }]);
  }
  const known = await knownNetwork(context, name);
  if (known === null) {
    const all = (await knownNetworks(context)).map((one) => one.name).join(", ");
    throw new BerthError(
      "NETWORK_UNKNOWN",
      `Cannot submit job: network profile "${name}" is not here, known: ${all}`,
    );
  }
  if (!(await mayUseNetwork(context, { caller, name }))) throw notAllowed(context, { caller, name });
  const observe = head.observe ?? known.spec.observe ?? false;
  return grantOfKnown(known, observe);
}

function notAllowed(
  { policy }: Pick<Context, "policy">,
  { caller, name }: { caller: Caller; name: string },
): BerthError {
  const allowed = ["none", ...policy.network.allowed].join(", ");
  const who = caller.principal.name;
  return new BerthError(
    "NETWORK_NOT_ALLOWED",
    `Cannot submit job: "${who}" may not use network profile "${name}", only ${allowed} and what a role of its own grants`,
  );
}
