import type { Caller } from "../core/caller/caller.ts";
import { certificateHolder, type Principal } from "../core/caller/principal.ts";
import type { TokenStore } from "../store/store.ts";
import type { Identity } from "./identity.ts";
import { createTokenCheck } from "./tokens.ts";

/** Owns what a program starts in its own process; a server that is opened on the same folder later shows it to its administrators. */
const ownProcess: Principal = { name: "executor", roles: ["developer"] };

/** What the words that are stored with a token stand for. */
const roleOfToken = { admin: "admin", user: "developer" } as const;

/** Nobody is in a group yet. */
const groups: Caller["groups"] = [];

/** Knows callers by the API tokens in the store, by their certificates, and as this process itself. */
export function createIdentity({ tokens, now }: { tokens: TokenStore; now: () => number }): Identity {
  const check = createTokenCheck({ tokens, now });
  return {
    async ofToken(authorization, arrival) {
      const { id, principal: name, role } = await check(authorization);
      return {
        ...arrival,
        principal: { name, roles: [roleOfToken[role]] },
        groups,
        credential: { kind: "token", id },
      };
    },
    ofCertificate: ({ serial, cn }, arrival) => ({
      ...arrival,
      principal: certificateHolder(cn),
      groups,
      credential: { kind: "certificate", id: serial },
    }),
    ofProcess: (arrival) => ({
      ...arrival,
      principal: ownProcess,
      groups,
      credential: { kind: "process", id: String(process.pid) },
    }),
  };
}
