import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { demandKeeper } from "../access/demand-keeper.ts";
import type { Context } from "../context.ts";

/**
 * Revokes a token, and ends the streams and waits that are open by it. TOKEN_NOT_FOUND where it is not there, or not for
 * the caller to see; FORBIDDEN where it may see it, and not revoke it.
 */
export async function deleteToken(
  context: Context,
  { caller, id }: { caller: Caller; id: string },
): Promise<void> {
  const { access, store, audit, tokens, events } = context;
  const found = await store.tokens.find(id);
  const target = { owner: found?.principal ?? "" };
  if (found === null || !(await access.allows(caller, operations.listTokens.permission, target))) {
    throw new BerthError("TOKEN_NOT_FOUND", `Cannot find token "${id}"`);
  }
  await access.demand(caller, operations.deleteToken.permission, target);
  await demandKeeper(context, found.principal, { caller, permission: operations.deleteToken.permission });
  const about = { owner: found.principal };
  const record = audit.entry(caller, { ...operations.deleteToken.permission, name: id, about });
  const wasThere = await store.audited(record).tokens.delete(id);
  tokens.forget(id);
  if (wasThere) events.accessChanged({ what: "Token revoked", id, user: found.principal }, caller);
}
