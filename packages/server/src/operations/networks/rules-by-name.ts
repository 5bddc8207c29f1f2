import type { NetworkRules } from "../../core/network/profile.ts";
import { grantOfKnown } from "./granted-rules.ts";
import { knownNetwork } from "./known-networks.ts";

/** What a profile opens now; null where there is none of that name. */
export async function rulesByName(
  context: Parameters<typeof knownNetwork>[0],
  name: string,
): Promise<NetworkRules | null> {
  const known = await knownNetwork(context, name);
  return known && grantOfKnown(known, false).rules;
}
