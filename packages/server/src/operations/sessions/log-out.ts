import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Ends the session by which this is asked, and what is open by it. Throws SESSION_NOT_FOUND for another credential. */
export async function logOut(
  { access, store, audit, sessions, events }: Context,
  { caller }: { caller: Caller },
): Promise<void> {
  const { credential, principal } = caller;
  await access.demand(caller, operations.logOut.permission, { owner: principal.name });
  if (credential.kind !== "session") {
    throw new BerthError(
      "SESSION_NOT_FOUND",
      `Cannot log out: you came by ${credential.kind}, not by a login`,
      {
        fix: "Revoke a token with `berth token revoke`, a certificate with `berth cert revoke`",
      },
    );
  }
  const record = audit.entry(caller, { resource: "sessions", verb: "logout", name: credential.id });
  await store.audited(record).sessions.delete(credential.id);
  sessions.forget(credential.id);
  events.accessChanged({ what: "Logged out", id: credential.id, user: principal.name }, caller);
}
