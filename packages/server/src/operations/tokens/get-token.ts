import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { ApiToken } from "../../store/store.ts";
import type { Context } from "../context.ts";

/** TOKEN_NOT_FOUND where it is not there, or not for the caller to see. */
export async function getToken(
  { access, store }: Context,
  { caller, id }: { caller: Caller; id: string },
): Promise<ApiToken> {
  const found = await store.tokens.find(id);
  const target = { owner: found?.principal ?? "" };
  if (found === null || !(await access.allows(caller, operations.getToken.permission, target)))
    throw new BerthError("TOKEN_NOT_FOUND", `Cannot find token "${id}"`);
  return found;
}
