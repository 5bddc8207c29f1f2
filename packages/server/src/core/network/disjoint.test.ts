import { expect, it } from "vitest";
import { contains, readAddress, readRange } from "./cidr.ts";
import { disjoint, disjointServices } from "./disjoint.ts";
import type { Destination } from "./profile.ts";

/** Numbers that look random and are the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Where few addresses and ports are, many of them meet. */
function someDestination(next: (below: number) => number): Destination {
  const protocol = next(2) === 0 ? "tcp" : "udp";
  const [a = 0, b = 0] = [next(16), next(16)].toSorted((one, other) => one - other);
  const [first = 0, last = 0] = [next(12), next(12)].toSorted((one, other) => one - other);
  const range = next(3) === 0 ? `10.0.0.${next(4) * 4}/30` : `10.0.0.${a}-10.0.0.${b}`;
  return { range, protocol, ports: { first, last } };
}

function countOf(
  destinations: readonly Destination[],
  at: { address: string; protocol: string; port: number },
): number {
  const address = readAddress(at.address);
  return destinations.filter(({ range, protocol, ports }) => {
    const read = readRange(range);
    if (!("range" in read) || address === null) throw new Error(range);
    return (
      protocol === at.protocol &&
      ports.first <= at.port &&
      at.port <= ports.last &&
      contains(read.range, address)
    );
  }).length;
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])("opens the same, and everything once (%i)", (seed) => {
  const next = numbers(seed);
  const all = Array.from({ length: 1 + next(9) }, () => someDestination(next));
  const apart = disjoint(all);
  const places = Array.from({ length: 16 * 12 * 2 }, (_, n) => ({
    address: `10.0.0.${n % 16}`,
    port: Math.floor(n / 16) % 12,
    protocol: n < 192 ? "tcp" : "udp",
  }));
  const times = places.map((at) => ({ ...at, times: countOf(apart, at) }));
  expect(times).toEqual(places.map((at) => ({ ...at, times: Math.min(countOf(all, at), 1) })));
});

it("leaves alone what does not meet, and both kinds of addresses", () => {
  const ports = { first: 443, last: 443 };
  const all: Destination[] = [
    { range: "10.0.0.5", protocol: "tcp", ports },
    { range: "10.0.1.0/24", protocol: "tcp", ports },
    { range: "2001:db8::/64", protocol: "udp", ports },
  ];
  expect(disjoint(all)).toEqual(all);
  expect(disjoint([...all, ...all])).toEqual(all);
});

it("puts ports of services together", () => {
  const services = [
    { protocol: "tcp", ports: { first: 1, last: 100 } },
    { protocol: "tcp", ports: { first: 50, last: 200 } },
    { protocol: "udp", ports: { first: 50, last: 60 } },
  ] as const;
  expect(disjointServices(services)).toEqual([
    { protocol: "tcp", ports: { first: 1, last: 100 } },
    { protocol: "tcp", ports: { first: 101, last: 200 } },
    { protocol: "udp", ports: { first: 50, last: 60 } },
  ]);
});

it("puts a thousand into one that lie within each other", () => {
  const ports = { first: 443, last: 443 };
  const nested = Array.from({ length: 1000 }, (_, n) => ({
    range: `10.0.${n >> 8}.${n & 255}-10.255.0.0`,
    protocol: "tcp" as const,
    ports,
  }));
  expect(disjoint(nested)).toHaveLength(1);
});
