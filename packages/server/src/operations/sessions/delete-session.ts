import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { demandKeeper } from "../access/demand-keeper.ts";
import type { Context } from "../context.ts";

/** Ends a login, and what is open by it. SESSION_NOT_FOUND where it is not there, or not for the caller to see. */
export async function deleteSession(
  context: Context,
  { caller, id }: { caller: Caller; id: string },
): Promise<void> {
  const { access, store, audit, sessions, events } = context;
  const found = await store.sessions.find(id);
  const target = { owner: found?.principal ?? "" };
  if (found === null || !(await access.allows(caller, operations.listSessions.permission, target))) {
    throw new BerthError("SESSION_NOT_FOUND", `Cannot find session "${id}"`);
  }
  await access.demand(caller, operations.deleteSession.permission, target);
  await demandKeeper(context, found.principal, { caller, permission: operations.deleteSession.permission });
  const about = { owner: found.principal };
  const record = audit.entry(caller, { ...operations.deleteSession.permission, name: id, about });
  const wasThere = await store.audited(record).sessions.delete(id);
  sessions.forget(id);
  if (wasThere) events.accessChanged({ what: "Session ended", id, user: found.principal }, caller);
}
