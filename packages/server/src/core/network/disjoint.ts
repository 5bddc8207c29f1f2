import { type AddressRange, overlaps, readRange, subtract, writeRange } from "./cidr.ts";
import type { Destination, Service } from "./profile.ts";

/** Addresses and ports of one protocol: a rectangle. */
interface Area {
  addresses: AddressRange;
  protocol: Service["protocol"];
  ports: Service["ports"];
}

/** More than that the kernel's set of a profile is not given. */
const MOST = 16_384;

/**
 * The same destinations in parts of which no two overlap, as sets of intervals in the kernel take no others. Throws where
 * that would be too many.
 */
export function disjoint(destinations: readonly Destination[]): Destination[] {
  const done: Area[] = [];
  // By their first address: what may overlap one are those before it that have not ended by then.
  let near: Area[] = [];
  for (const area of destinations.map(areaOf).toSorted(byFirst)) {
    near = near.filter(
      ({ addresses: { version, last } }) =>
        version === area.addresses.version && last >= area.addresses.first,
    );
    const parts = without(area, near);
    near.push(...parts);
    done.push(...parts);
    if (done.length > MOST) throw new Error(`more than ${MOST} destinations that do not overlap`);
  }
  return done.map(({ addresses, protocol, ports }) => ({ range: shown(addresses), protocol, ports }));
}

/** What is left of an area without the others. */
function without(area: Area, others: readonly Area[]): Area[] {
  const at = others.findIndex((other) => meet(area, other));
  const other = others[at];
  if (other === undefined) return [area];
  const rest = others.slice(at + 1);
  const outside = subtract(area.addresses, [other.addresses]).map((addresses) => ({ ...area, addresses }));
  const first = area.addresses.first > other.addresses.first ? area.addresses.first : other.addresses.first;
  const last = area.addresses.last < other.addresses.last ? area.addresses.last : other.addresses.last;
  const addresses = { ...area.addresses, first, last };
  const beside = portsWithout(area.ports, other.ports).map((ports) => ({ ...area, addresses, ports }));
  return [...outside, ...beside].flatMap((part) => without(part, rest));
}

function meet(one: Area, other: Area): boolean {
  return (
    one.protocol === other.protocol &&
    one.ports.first <= other.ports.last &&
    other.ports.first <= one.ports.last &&
    overlaps(one.addresses, other.addresses)
  );
}

function portsWithout(ports: Service["ports"], other: Service["ports"]): Service["ports"][] {
  return [
    { first: ports.first, last: other.first - 1 },
    { first: other.last + 1, last: ports.last },
  ].filter(({ first, last }) => first <= last);
}

/** Ports of several services, in parts of which no two overlap. */
export function disjointServices(services: readonly Service[]): Service[] {
  const anywhere = services.map((service) => ({ range: "0.0.0.0", ...service }));
  return disjoint(anywhere).map(({ protocol, ports }) => ({ protocol, ports }));
}

function areaOf({ range, protocol, ports }: Destination): Area {
  const read = readRange(range);
  if ("problem" in read) throw new Error(read.problem);
  return { addresses: read.range, protocol, ports };
}

function byFirst({ addresses: one }: Area, { addresses: other }: Area): number {
  if (one.version !== other.version) return one.version - other.version;
  return one.first < other.first ? -1 : one.first > other.first ? 1 : 0;
}

const shown = (range: AddressRange): string =>
  writeRange(range).replace(range.version === 4 ? /\/32$/ : /\/128$/, "");
