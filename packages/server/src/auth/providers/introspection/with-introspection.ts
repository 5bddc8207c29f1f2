import type { Caller } from "../../../core/caller/caller.ts";
import type { Identity } from "../../identity.ts";
import type { ProvenIdentity } from "../provider.ts";
import type { Introspection } from "./introspection.ts";

/** Under this name identities are stored that were told by introspection. */
const INTROSPECTION = "introspection";

export interface Ways {
  introspection: Pick<Introspection, "find">;
  /** The account that belongs to somebody, with all of its groups; throws where there is none for it. */
  holderOf: (provider: string, identity: ProvenIdentity) => Promise<Pick<Caller, "principal" | "groups">>;
}

/**
 * Knows callers also by tokens that another server vouches for. What is ours by its look (`berth_`) is never sent there: who
 * runs that server could use it.
 */
export function withIntrospection(identity: Identity, { introspection, holderOf }: Ways): Identity {
  return {
    ...identity,
    async ofToken(authorization, arrival): Promise<Caller> {
      const token = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? "")?.[1];
      if (token === undefined || /^berth_/i.test(token)) return identity.ofToken(authorization, arrival);
      const { id, identity: proven, until } = await introspection.find(token, arrival);
      return {
        ...arrival,
        ...(await holderOf(INTROSPECTION, proven)),
        credential: {
          kind: "introspection",
          id: id.slice(0, 16),
          ...(until !== null && { expiresAt: until }),
        },
      };
    },
  };
}
