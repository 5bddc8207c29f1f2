import { createHash } from "node:crypto";

/** What a job may reach, in machine units: what an engine is given of a network profile. */
export interface NetworkRules {
  /** Whether all public addresses are open, with every protocol and port. */
  isPublic: boolean;
  /** Open, also where they are closed to all others: each was named with its address and its port. */
  named: readonly Destination[];
  /** Open where they are public. */
  open: readonly Destination[];
  /** Names and patterns (`*.example.org`) whose addresses are open while a look-up says so, where they are public. */
  domains: readonly string[];
  /** With what the addresses of names are open. */
  services: readonly Service[];
  /** Who is asked for names; where it is empty, whom the host asks. */
  resolvers: readonly string[];
  /** TCP ports of the host, at the address by which jobs leave. */
  hostPorts: readonly number[];
  /** Most connections at once; null for any number. */
  connections: number | null;
  /** Bytes per second, each way; null for any number. */
  rate: number | null;
}

export interface Service {
  protocol: "tcp" | "udp";
  ports: { first: number; last: number };
}

export interface Destination extends Service {
  /** A prefix (`10.0.0.0/24`), or an address. */
  range: string;
}

/** The network that a launch gets: what it was granted when it was submitted. */
export type NetworkGrant = { kind: "none" } | GrantedProfile;

export interface GrantedProfile {
  kind: "profile";
  name: string;
  /** The same for the same rules, whatever they are called. */
  digest: string;
  rules: NetworkRules;
  /** Whether what it reaches is recorded too, and not only what it was refused. */
  observe: boolean;
}

/** Without one. */
export const noNetwork: NetworkGrant = { kind: "none" };

/** Nothing is open by it. A profile is made of this and what it says. */
export const closedRules: NetworkRules = {
  isPublic: false,
  named: [],
  open: [],
  domains: [],
  services: [],
  resolvers: [],
  hostPorts: [],
  connections: null,
  rate: null,
};

/** What every host has that can hold profiles: all that is public, and no more connections than a host can bear. */
export const internetRules: NetworkRules = { ...closedRules, isPublic: true, connections: 1000 };

export function grantOf(
  name: string,
  { rules, observe }: { rules: NetworkRules; observe: boolean },
): GrantedProfile {
  return { kind: "profile", name, digest: digestOf(rules), rules, observe };
}

/** The same for the same rules, in whatever order their fields come. */
export function digestOf(rules: NetworkRules): string {
  const ordered = Object.keys(closedRules).map((key) => rules[key as keyof NetworkRules]);
  return createHash("sha256").update(JSON.stringify(ordered, sortFields)).digest("hex");
}

function sortFields(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
