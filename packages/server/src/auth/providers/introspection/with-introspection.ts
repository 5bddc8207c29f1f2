import type { Caller } from "../../../core/caller/caller.ts";
import type { Arrival, Identity } from "../../identity.ts";
import type { ProvenIdentity } from "../provider.ts";
import type { Introspection } from "./introspection.ts";

/** Under this name identities are stored that were told by introspection. */
export const INTROSPECTION = "introspection";

export interface Ways {
  introspection: Pick<Introspection, "find">;
  /** The name of the account that belongs to somebody; throws where there is none for it. */
  accountOf: (provider: string, identity: ProvenIdentity) => Promise<string>;
  /** What the account of this name is, and the groups that it is in, at the moment. */
  whoIs: (name: string) => Pick<Caller, "principal" | "groups">;
  /** Records who enters and who does not. */
  entries: { entered: (caller: Caller) => void; refused: (arrival: Arrival, error: unknown) => void };
}

/**
 * Knows callers also by tokens that another server vouches for. What is ours by its look (`berth_`, `kri_`) is never sent there: who
 * runs that server could use it.
 */
export function withIntrospection(
  identity: Identity,
  { introspection, accountOf, whoIs, entries }: Ways,
): Identity {
  /** For as long as what that server has said is kept. */
  const accounts = new WeakMap<ProvenIdentity, string>();

  async function nameOf(proven: ProvenIdentity): Promise<string> {
    const known = accounts.get(proven);
    if (known !== undefined) return known;
    const name = await accountOf(INTROSPECTION, proven);
    accounts.set(proven, name);
    return name;
  }

  async function callerOf(token: string, arrival: Arrival): Promise<Caller> {
    const { id, identity: proven, until } = await introspection.find(token, arrival);
    return {
      ...arrival,
      ...whoIs(await nameOf(proven)),
      credential: {
        kind: "introspection",
        id: id.slice(0, 16),
        ...(until !== null && { expiresAt: until }),
      },
    };
  }

  return {
    ...identity,
    async ofToken(authorization, arrival): Promise<Caller> {
      const token = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? "")?.[1];
      if (token === undefined || /^(?:berth|kri)_/i.test(token))
        return identity.ofToken(authorization, arrival);
      try {
        const caller = await callerOf(token, arrival);
        entries.entered(caller);
        return caller;
      } catch (error) {
        entries.refused(arrival, error);
        throw error;
      }
    },
  };
}
