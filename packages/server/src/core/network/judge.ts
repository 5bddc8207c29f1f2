import { type Address, contains, readAddress, readRange } from "./cidr.ts";
import { unmapped } from "./unmapped.ts";
import { NamePatterns } from "./name-pattern.ts";
import type { Destination, NetworkRules, Service } from "./profile.ts";
import { whyClosed } from "./why-closed.ts";

/** One thing that a job did with its network, as far as a profile has a say in it. */
export interface Attempt {
  /** By which it looked the address up; null where it did not. */
  name: string | null;
  /** null: it asked for the name, and was not told. */
  address: string | null;
  protocol: "tcp" | "udp" | null;
  port: number | null;
}

export type Judgement =
  | { passes: true; by: "named" | "open" | "public" | "name" }
  /** `closed`: why nobody gets there without naming it; null where it is only not granted. */
  | { passes: false; closed: string | null };

const notGranted: Judgement = { passes: false, closed: null };

/** Says of attempts what would come of them under these rules, in the order in which the kernel and the resolver ask. */
export class NetworkJudge {
  readonly #rules: NetworkRules;
  readonly #patterns: NamePatterns;

  constructor(rules: NetworkRules) {
    this.#rules = rules;
    this.#patterns = new NamePatterns(rules.domains);
  }

  judge({ name, address: text, protocol, port }: Attempt): Judgement {
    // Whoever is not told of a name gets no further, wherever it leads.
    if (!this.#isTold(name)) return notGranted;
    if (text === null) return { passes: true, by: "name" };
    const address = readAddress(text);
    if (address === null || protocol === null || port === null) return notGranted;
    return this.#judgeAddress({ address: unmapped(address), protocol, port }, { isNamed: name !== null });
  }

  #judgeAddress(to: Target, { isNamed }: { isNamed: boolean }): Judgement {
    const { named, open, isPublic, domains, services } = this.#rules;
    if (named.some((one) => leadsTo(one, to))) return { passes: true, by: "named" };
    const closed = whyClosed(to.address);
    if (closed !== null) return { passes: false, closed };
    if (isPublic) return { passes: true, by: "public" };
    if (open.some((one) => leadsTo(one, to))) return { passes: true, by: "open" };
    const isOpened = isNamed && domains.length > 0 && services.some((one) => serves(one, to));
    return isOpened ? { passes: true, by: "name" } : notGranted;
  }

  /** Without names of its own a profile has every name answered. */
  #isTold(name: string | null): boolean {
    return name === null || this.#rules.domains.length === 0 || this.#patterns.match(name) !== null;
  }
}

interface Target {
  address: Address;
  protocol: "tcp" | "udp";
  port: number;
}

function serves({ protocol, ports }: Service, to: Target): boolean {
  return protocol === to.protocol && ports.first <= to.port && to.port <= ports.last;
}

function leadsTo(destination: Destination, to: Target): boolean {
  const read = readRange(destination.range);
  return "range" in read && contains(read.range, to.address) && serves(destination, to);
}
