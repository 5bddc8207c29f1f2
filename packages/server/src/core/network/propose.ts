import { networkBounds, type NetworkSpec } from "@berth/protocol";
import { type Address, readAddress, writeAddress } from "./cidr.ts";
import { unmapped } from "./unmapped.ts";
import type { Attempt } from "./judge.ts";
import { foldName } from "../../lib/dns/fold-name.ts";
import { readPattern } from "./name-pattern.ts";
import { whyClosed } from "./why-closed.ts";

/** A profile, and what is worth a look before it is used. */
export interface Proposal {
  spec: NetworkSpec;
  notes: string[];
}

/** An attempt that got as far as an address. */
interface Reach {
  /** null where the address was not looked up, or by what no profile can grant. */
  name: string | null;
  address: Address;
  protocol: "tcp" | "udp";
  port: number;
  closed: string | null;
}

/**
 * The smallest profile that lets all of these through: a name where an address was found by one, else the address alone; what is
 * closed to everybody by its address in any case. Nothing is made wider than it was seen, but for what the notes say.
 */
export function propose(attempts: readonly Attempt[]): Proposal {
  const reaches = attempts.flatMap(reachOf);
  const untold = attempts.flatMap(({ name, address }) => (address === null ? grantable(name) : []));
  const [ports, rarePorts] = mostUsed(
    reaches.filter(isByName).map(({ port }) => port),
    networkBounds.ports,
  );
  const byName = reaches.filter((reach) => isByName(reach) && !rarePorts.has(reach.port));
  const byAddress = reaches.filter((reach) => !byName.includes(reach));
  const names = [...reaches.flatMap(({ name }) => name ?? []), ...untold];
  const [domains, rareNames] = mostUsed(names, networkBounds.domains);
  const [addresses, rareAddresses] = mostUsed(byAddress.map(destinationOf), networkBounds.addresses);
  const protocols = [...new Set(byName.map(({ protocol }) => protocol))].toSorted();
  const spec: NetworkSpec = {
    ...(domains.size > 0 && { domains: [...domains].toSorted() }),
    ...(ports.size > 0 && { ports: [...ports].toSorted((a, b) => a - b), protocols }),
    ...(addresses.size > 0 && { addresses: [...addresses].toSorted() }),
  };
  const others = attempts.filter(({ name, address }) => name === null && address === null).length;
  const notes = [
    ...closedNotes(byAddress),
    ...untoldNotes(untold.filter((name) => !byName.some((reach) => reach.name === name))),
    ...widerNotes(spec, byName),
    ...leftOutNotes({ rareNames, rareAddresses, others }),
  ];
  return { spec, notes };
}

function reachOf({ name, address: text, protocol, port }: Attempt): Reach[] {
  const read = text === null ? null : readAddress(text);
  if (read === null || protocol === null || port === null) return [];
  const address = unmapped(read);
  return [{ name: grantable(name)[0] ?? null, address, protocol, port, closed: whyClosed(address) }];
}

/** The name as a profile grants it; none where it can grant none of that kind. */
function grantable(name: string | null): string[] {
  const read = name === null || name.includes("*") ? { problem: "" } : readPattern(foldName(name));
  return "pattern" in read ? [read.pattern] : [];
}

function isByName({ name, closed }: Reach): boolean {
  return name !== null && closed === null;
}

function destinationOf({ address, port, protocol }: Reach): string {
  const text = writeAddress(address);
  return `${address.version === 6 ? `[${text}]` : text}:${port}/${protocol}`;
}

/** As many as there may be, those first that were seen most often; and the rest. */
function mostUsed<Value>(values: readonly Value[], most: number): [used: Set<Value>, rest: Set<Value>] {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const inOrder = [...counts].toSorted(([, one], [, other]) => other - one).map(([value]) => value);
  return [new Set(inOrder.slice(0, most)), new Set(inOrder.slice(most))];
}

function closedNotes(reaches: readonly Reach[]): string[] {
  const notes = reaches.flatMap((reach) => {
    if (reach.closed === null) return [];
    const asked = reach.name === null ? "" : `, found as ${reach.name},`;
    return [
      `${destinationOf(reach)}${asked} is closed to all who do not name it (${reach.closed}): keep it only where these jobs are to reach it`,
    ];
  });
  return [...new Set(notes)];
}

function untoldNotes(names: readonly string[]): string[] {
  return [...new Set(names)].map(
    (name) => `${name} was asked for and not told: at which ports it would be reached nobody has seen`,
  );
}

/** A profile has one list of ports and one of protocols for all of its names. */
function widerNotes({ ports = [], protocols = [] }: NetworkSpec, byName: readonly Reach[]): string[] {
  const names = new Set(byName.map(({ name }) => name));
  const seen = new Set(byName.map(({ name, port, protocol }) => `${name} ${port} ${protocol}`));
  if (seen.size === names.size * ports.length * protocols.length) return [];
  return [
    `All names are open at all of the ports ${ports.join(", ")} over ${protocols.join(" and ")}, though not each was reached at all of them`,
  ];
}

function leftOutNotes({
  rareNames,
  rareAddresses,
  others,
}: {
  rareNames: ReadonlySet<string>;
  rareAddresses: ReadonlySet<string>;
  others: number;
}): string[] {
  return [
    ...(rareNames.size > 0
      ? [`${rareNames.size} more names are left out: a profile has at most ${networkBounds.domains}`]
      : []),
    ...(rareAddresses.size > 0
      ? [
          `${rareAddresses.size} more addresses are left out: a profile has at most ${networkBounds.addresses}`,
        ]
      : []),
    ...(others > 0 ? ["Some destinations were counted and not kept one by one: they are not in it"] : []),
  ];
}
