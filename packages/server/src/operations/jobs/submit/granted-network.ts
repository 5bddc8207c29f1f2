import { BerthError } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { requestInvalid } from "../../../core/input/check.ts";
import type { SpecHead } from "../../../core/input/read-spec.ts";
import { type NetworkGrant, noNetwork } from "../../../core/network/profile.ts";
import { noteRefusal } from "../../access/note-refusal.ts";
import type { Context } from "../../context.ts";
import { grantOfKnown } from "../../networks/granted-rules.ts";
import { type KnownNetwork, knownNetwork, knownNetworks } from "../../networks/known-networks.ts";
import { mayUseNetwork, useNetwork } from "../../networks/may-use-network.ts";

/**
 * The network that a job is granted for as long as it lives, whatever becomes of its profile. A job without one asks for
 * nothing. `isVouchedFor`: whoever defined the task that asks for it was allowed to use it. Throws NETWORK_UNKNOWN, NETWORK_NOT_ALLOWED.
 */
export async function grantedNetwork(
  context: Context,
  {
    caller,
    head,
    isVouchedFor,
  }: { caller: Caller; head: Pick<SpecHead, "network" | "observe">; isVouchedFor: boolean },
): Promise<NetworkGrant> {
  const name = head.network ?? context.policy.network.default;
  if (name === "none") {
    if (head.observe !== true) return noNetwork;
    const message = "must not be true of a job without a network: name one as its `network`";
    throw requestInvalid([{ field: "observe", message }]);
  }
  const known = await demandKnown(context, name, SUBMIT);
  // The server's default is nobody's word but the operator's.
  if (!(isVouchedFor && head.network !== undefined))
    await demandAllowed(context, { caller, name, what: SUBMIT });
  const observe = head.observe ?? known.spec.observe ?? false;
  return grantOfKnown(known, observe);
}

const SUBMIT = "Cannot submit job";

/** Throws NETWORK_UNKNOWN, NETWORK_NOT_ALLOWED. */
export async function demandNetwork(
  context: Context,
  { caller, name, what }: { caller: Caller; name: string; what: string },
): Promise<void> {
  if (name === "none") return;
  await demandKnown(context, name, what);
  await demandAllowed(context, { caller, name, what });
}

async function demandKnown(context: Context, name: string, what: string): Promise<KnownNetwork> {
  const known = await knownNetwork(context, name);
  if (known !== null) return known;
  const all = (await knownNetworks(context)).map((one) => one.name).join(", ");
  throw new BerthError("NETWORK_UNKNOWN", `${what}: network profile "${name}" is not here, known: ${all}`);
}

async function demandAllowed(
  context: Context,
  { caller, name, what }: { caller: Caller; name: string; what: string },
): Promise<void> {
  if (await mayUseNetwork(context, { caller, name })) return;
  noteRefusal(context, caller, { permission: useNetwork, name });
  const allowed = ["none", ...context.policy.network.allowed].join(", ");
  const who = caller.principal.name;
  throw new BerthError(
    "NETWORK_NOT_ALLOWED",
    `${what}: "${who}" may not use network profile "${name}", only ${allowed} and what a role of its own grants`,
  );
}
