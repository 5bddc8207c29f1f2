import type { NetworkAbility } from "@berth/protocol";
import type { NetworkGrant } from "./profile.ts";

/** What an engine must be able to hold for a network to be what it was granted as. */
export function abilitiesFor(network: NetworkGrant): readonly NetworkAbility[] {
  if (network.kind === "none") return ["none"];
  const { rules, observe } = network;
  const needed: Record<Exclude<NetworkAbility, "none">, boolean> = {
    internet: rules.isPublic,
    cidr: rules.named.length > 0 || rules.open.length > 0,
    domains: rules.domains.length > 0,
    resolvers: rules.resolvers.length > 0,
    host: rules.hostPorts.length > 0,
    connections: rules.connections !== null,
    rates: rules.rate !== null,
    observe,
  };
  const abilities = Object.entries(needed).flatMap(([ability, isNeeded]) => (isNeeded ? [ability] : []));
  // A profile that opens nothing is still none that may be weaker.
  return abilities.length > 0 ? (abilities as NetworkAbility[]) : ["cidr"];
}
