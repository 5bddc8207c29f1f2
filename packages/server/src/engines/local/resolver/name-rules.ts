import { type Address, type AddressRange, contains, readRange } from "../../../core/network/cidr.ts";
import { NamePatterns } from "../../../core/network/name-pattern.ts";
import type { NetworkRules } from "../../../core/network/profile.ts";
import { whyClosed } from "../../../core/network/why-closed.ts";
import type { Server } from "../../../lib/dns/exchange.ts";

const DNS_PORT = 53;

/** What a profile says of names. */
export type NameSource = Pick<NetworkRules, "domains" | "named" | "resolvers">;

/** The same, as it is asked for each question. */
export class NameRules {
  /** null: every name is answered, and nothing is opened by it. */
  readonly patterns: NamePatterns | null;
  /** Who is asked; none: whom the host asks. */
  readonly servers: readonly Server[];
  readonly #named: readonly AddressRange[];

  constructor({ domains, named, resolvers }: NameSource) {
    this.patterns = domains.length === 0 ? null : new NamePatterns(domains);
    this.servers = resolvers.map((address) => ({ address, port: DNS_PORT }));
    this.#named = named.flatMap(({ range }) => {
      const read = readRange(range);
      return "range" in read ? [read.range] : [];
    });
  }

  /** Whether a job may be told of an address that a name led to, and whether that opens it. */
  judge(address: Address): "opens" | "is-told" | "is-closed" {
    if (whyClosed(address) === null) return "opens";
    // Whoever wrote the profile has named it, with its ports: these are open already.
    return this.#named.some((range) => contains(range, address)) ? "is-told" : "is-closed";
  }
}
