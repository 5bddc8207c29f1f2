import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Made } from "../../store/store.ts";
import { demandKeeper } from "../access/demand-keeper.ts";
import type { Context } from "../context.ts";

/**
 * Revokes a token and the tokens and certificates that were made by it, and ends the streams and waits that are open by them. TOKEN_NOT_FOUND where it is not there, or not for
 * the caller to see; FORBIDDEN where it may see it, and not revoke it.
 */
export async function deleteToken(
  context: Context,
  { caller, id }: { caller: Caller; id: string },
): Promise<void> {
  const { access, store, audit, tokens, events, pki, now } = context;
  const found = await store.tokens.find(id);
  const target = { owner: found?.principal ?? "" };
  if (found === null || !(await access.allows(caller, operations.listTokens.permission, target))) {
    throw new BerthError("TOKEN_NOT_FOUND", `Cannot find token "${id}"`);
  }
  await access.demand(caller, operations.deleteToken.permission, target);
  await demandKeeper(context, found.principal, { caller, permission: operations.deleteToken.permission });
  const made = await store.tokens.madeBy(id);
  const about = { owner: found.principal, ...named(made) };
  const record = audit.entry(caller, { ...operations.deleteToken.permission, name: id, about });
  const ended = await store.audited(record).tokens.delete(id, now());
  for (const gone of [id, ...(ended?.tokens ?? [])]) tokens.forget(gone);
  if (ended !== null && ended.certificates.length > 0) await pki?.revocations.reload();
  if (ended !== null) events.accessChanged({ what: "Token revoked", id, user: found.principal }, caller);
}

/** What goes with it; nothing where nothing does. */
function named({ tokens, certificates }: Made): { tokens?: string[]; certificates?: string[] } {
  return { ...(tokens.length > 0 && { tokens }), ...(certificates.length > 0 && { certificates }) };
}
