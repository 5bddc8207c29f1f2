import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Session } from "../../store/session-store.ts";
import type { Context } from "../context.ts";

export interface ListSessionsFilter {
  user?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Logins, oldest first; of those that the caller may see. */
export async function listSessions(
  { access, store, accounts }: Context,
  { caller, filter: { user, limit, cursor } }: { caller: Caller; filter: ListSessionsFilter },
): Promise<{ items: Session[]; next: string | null }> {
  const owner = await access.listed(caller, operations.listSessions.permission);
  const asked = user === undefined ? null : (accounts.find(user)?.name ?? user);
  const principal = owner ?? asked;
  if (asked !== null && principal !== asked) return { items: [], next: null };
  return store.sessions.list({ principal, limit, cursor: cursor ?? null });
}
