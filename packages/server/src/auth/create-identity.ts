import type { Caller } from "../core/caller/caller.ts";
import { certificateHolder, type Principal } from "../core/caller/principal.ts";
import type { Identity } from "./identity.ts";
import type { ShownTokens } from "./shown-tokens.ts";

/** Owns what a program starts in its own process; a server that is opened on the same folder later shows it to its administrators. */
const ownProcess: Principal = { name: "executor", roles: ["developer"] };

/** What the words that are stored with a token stand for. */
const roleOfToken = { admin: "admin", user: "developer" } as const;

/** Nobody is in a group yet. */
const groups: Caller["groups"] = [];

/** Knows callers by the API tokens that they show, by their certificates, and as this process itself. */
export function createIdentity({ tokens }: { tokens: Pick<ShownTokens, "check"> }): Identity {
  return {
    async ofToken(authorization, arrival) {
      const { id, principal: name, role, expiresAt } = await tokens.check(authorization);
      const credential = { kind: "token", id, ...(expiresAt !== null && { expiresAt }) } as const;
      return {
        ...arrival,
        principal: { name, roles: [roleOfToken[role]] },
        groups,
        credential,
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
