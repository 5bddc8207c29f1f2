import { type NetworkProtocol, type NetworkSpec, parseDestination, parseRate } from "@berth/protocol";
import { type AddressRange, readRange } from "./cidr.ts";
import { closed4, closed6 } from "./closed.ts";
import { closedRules, type Destination, internetRules, type NetworkRules } from "./profile.ts";

/** What is wrong with the entry of `addresses` at this place. */
export interface AddressProblem {
  at: number;
  message: string;
}

/** What domains are open at where their profile says nothing. */
const usualPorts: readonly number[] = [443];
const usualProtocols: readonly NetworkProtocol[] = ["tcp"];

/**
 * A profile as engines are given it, or every entry that nobody should rely on: what is closed to all opens only by an entry
 * that lies within it and names ports; of a wider one the public part opens, and no more.
 */
export function rulesOf(spec: NetworkSpec): { rules: NetworkRules } | { problems: AddressProblem[] } {
  const problems: AddressProblem[] = [];
  const named: Destination[] = [];
  const open: Destination[] = [];
  for (const [at, text] of (spec.addresses ?? []).entries()) {
    const entry = readEntry(text);
    if ("problem" in entry) problems.push({ at, message: entry.problem });
    else (entry.isClosed ? named : open).push(entry.destination);
  }
  if (problems.length > 0) return { problems };
  const rate = spec.rate === undefined ? null : parseRate(spec.rate);
  const domains = [...new Set(spec.domains)];
  return {
    rules: {
      ...closedRules,
      isPublic: spec.public ?? false,
      named,
      open,
      domains,
      services: domains.length === 0 ? [] : servicesOf(spec),
      resolvers: spec.resolvers ?? [],
      hostPorts: [...new Set(spec.host)],
      connections: spec.connections ?? internetRules.connections,
      rate,
    },
  };
}

function servicesOf(spec: NetworkSpec): NetworkRules["services"] {
  const { ports, protocols } = spec;
  return [...new Set(protocols ?? usualProtocols)].flatMap((protocol) =>
    [...new Set(ports ?? usualPorts)].map((port) => ({ protocol, ports: { first: port, last: port } })),
  );
}

type Entry = { destination: Destination; isClosed: boolean } | { problem: string };

function readEntry(text: string): Entry {
  const destination = parseDestination(text);
  // The schema has seen to its form.
  if (destination === null) return { problem: "must be an address or a prefix" };
  const read = readRange(destination.range);
  if ("problem" in read) return { problem: `is no range: ${read.problem}` };
  const closed = closedRanges.find(({ range }) => isWithin(read.range, range));
  const { range, ports, protocol } = destination;
  if (closed !== undefined && ports === null)
    return { problem: `must name ports, as ${range}:5432: it is closed to all else (${closed.why})` };
  return {
    destination: { range, protocol, ports: ports ?? { first: 1, last: 65_535 } },
    isClosed: closed !== undefined,
  };
}

const closedRanges = [...closed4, ...closed6].map(({ range: text, why }) => {
  const read = readRange(text);
  if ("problem" in read) throw new Error(read.problem);
  return { range: read.range, why };
});

function isWithin(inner: AddressRange, outer: AddressRange): boolean {
  return inner.version === outer.version && outer.first <= inner.first && inner.last <= outer.last;
}
