import { isBerthError } from "@berth/protocol";
import { RefusedThere } from "../../auth/login/sign-in.ts";
import type { Audit } from "../../audit/audit.ts";
import type { AuditEntry } from "../../core/audit/record.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** What is recorded of a session that begins: as the doing of whoever has proven to be that account just now. */
export function recordOfLogin(audit: Pick<Audit, "entry">, caller: Caller, provider: string) {
  return (account: string, session: string): AuditEntry => ({
    ...audit.entry(caller, { resource: "sessions", verb: "login", name: session, about: { provider } }),
    account,
  });
}

export interface RefusedLogin {
  /** null where it is not known whose login it would have been. */
  provider: string | null;
  /** The name that was tried; null where none was said. */
  name: string | null;
  error: unknown;
  /** What else is to be told of it. */
  more?: Readonly<Record<string, string>>;
}

/** Records a login that came to nothing: as nobody's doing, for nobody has proven anything. */
export function noteRefusedLogin(
  { audit, signIn, codeLogins }: Pick<Context, "audit" | "signIn" | "codeLogins">,
  caller: Caller,
  { provider: named, name, error, more }: RefusedLogin,
): void {
  const code = isBerthError(error) ? error.code : "INTERNAL";
  // What a stranger calls a provider may be anything, and as long as a request: such words are not kept.
  const isKnown = named === null || [...signIn.providers, ...codeLogins.names].includes(named);
  const provider = isKnown ? named : "unknown";
  const why = isBerthError(error) && error.cause instanceof RefusedThere ? { why: error.cause.message } : {};
  const about = { ...(provider !== null && { provider }), code, ...why, ...more };
  const refused = { resource: "sessions", verb: "login", name, outcome: "denied", about } as const;
  audit.note({ ...audit.entry(caller, refused), account: null, credential: null });
}
