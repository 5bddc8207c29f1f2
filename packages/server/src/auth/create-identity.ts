import type { Caller } from "../core/caller/caller.ts";
import type { Principal } from "../core/caller/principal.ts";
import type { Identity } from "./identity.ts";
import type { Accounts } from "./login/accounts.ts";
import { isSessionText, type ShownSessions } from "./login/shown-sessions.ts";
import type { ShownTokens } from "./shown-tokens.ts";

/** Owns what a program starts in its own process; a server that is opened on the same folder later shows it to its administrators. */
const ownProcess: Principal = { name: "executor", roles: ["developer"] };

/** What the words that are stored with a token stand for. */
const roleOfToken = { admin: "admin", user: "developer" } as const;

/** Nobody is in a group yet. */
const groups: Caller["groups"] = [];

export interface IdentityOptions {
  accounts: Pick<Accounts, "find" | "holder">;
  sessions: Pick<ShownSessions, "check">;
  tokens: Pick<ShownTokens, "check">;
}

/** Knows callers by the sessions and the API tokens that they show, by their certificates, and as this process itself. */
export function createIdentity({ accounts, sessions, tokens }: IdentityOptions): Identity {
  async function ofSession(
    text: string,
  ): Promise<Pick<Caller, "principal" | "credential" | "mustChangePassword">> {
    const { id, principal: name, provider, expiresAt } = await sessions.check(text);
    const mustChange = provider === "local" && accounts.find(name)?.mustChange === true;
    return {
      // Nobody but the account itself has a session, so that this name can bring a role.
      principal: accounts.holder(name, name === "admin" ? ["admin"] : ["self"]),
      credential: { kind: "session", id, expiresAt },
      ...(mustChange && { mustChangePassword: true }),
    };
  }
  return {
    async ofToken(authorization, arrival) {
      const shown = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
      if (isSessionText(shown)) return { ...arrival, ...(await ofSession(shown)), groups };
      const { id, principal: name, role, expiresAt } = await tokens.check(authorization);
      const credential = { kind: "token", id, ...(expiresAt !== null && { expiresAt }) } as const;
      return { ...arrival, principal: accounts.holder(name, [roleOfToken[role]]), groups, credential };
    },
    ofCertificate: ({ serial, cn }, arrival) => ({
      ...arrival,
      principal: accounts.holder(cn, ["developer"]),
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
