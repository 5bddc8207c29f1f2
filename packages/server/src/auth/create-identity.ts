import type { Caller } from "../core/caller/caller.ts";
import type { Principal } from "../core/caller/principal.ts";
import type { Identity } from "./identity.ts";
import type { Accounts } from "./login/accounts.ts";
import type { Groups } from "./login/groups.ts";
import type { CookieSessions } from "./login/cookie-sessions.ts";
import { isSessionText, type ShownSessions } from "./login/shown-sessions.ts";
import type { ShownTokens } from "./shown-tokens.ts";

/** Owns what a program starts in its own process; a server that is opened on the same folder later shows it to its administrators. */
const ownProcess: Principal = { name: "executor", roles: ["developer"] };

/** What the words that are stored with a token stand for. */
const roleOfToken = { admin: "admin", user: "developer" } as const;

export interface IdentityOptions {
  accounts: Pick<Accounts, "find" | "holder">;
  groups: Pick<Groups, "of">;
  sessions: Pick<ShownSessions, "check">;
  cookies: Pick<CookieSessions, "check">;
  tokens: Pick<ShownTokens, "check">;
}

/** Knows callers by the sessions and the API tokens that they show, by their certificates, and as this process itself. */
export function createIdentity({ accounts, groups, sessions, cookies, tokens }: IdentityOptions): Identity {
  /** Groups are those of an account: a name without one is in none. */
  const whoIs = (name: string, roles: readonly string[]): Pick<Caller, "principal" | "groups"> => ({
    principal: accounts.holder(name, roles),
    groups: groups.of(name),
  });
  function ofSession({
    id,
    principal: name,
    provider,
    expiresAt,
  }: Awaited<ReturnType<ShownSessions["check"]>>): Pick<
    Caller,
    "principal" | "groups" | "credential" | "mustChangePassword"
  > {
    const mustChange = provider === "local" && accounts.find(name)?.mustChange === true;
    return {
      // Nobody but the account itself has a session, so that this name can bring a role.
      ...whoIs(name, name === "admin" ? ["admin"] : ["self"]),
      credential: { kind: "session", id, expiresAt },
      ...(mustChange && { mustChangePassword: true }),
    };
  }
  return {
    async ofToken(authorization, arrival) {
      const shown = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
      if (isSessionText(shown)) return { ...arrival, ...ofSession(await sessions.check(shown)) };
      const { id, principal: name, role, scope, expiresAt } = await tokens.check(authorization);
      const credential = { kind: "token", id, ...(expiresAt !== null && { expiresAt }) } as const;
      return {
        ...arrival,
        ...whoIs(name, [roleOfToken[role]]),
        credential,
        ...(scope !== null && { scope }),
      };
    },
    async ofCookie(text, arrival) {
      const { session, renewed } = await cookies.check(text);
      return { caller: { ...arrival, ...ofSession(session) }, renewed };
    },
    ofCertificate: ({ serial, cn }, arrival) => ({
      ...arrival,
      ...whoIs(cn, ["developer"]),
      credential: { kind: "certificate", id: serial },
    }),
    ofProcess: (arrival) => ({
      ...arrival,
      principal: ownProcess,
      groups: [],
      credential: { kind: "process", id: String(process.pid) },
    }),
  };
}
