import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { ApiToken } from "../../store/store.ts";
import type { Context } from "../context.ts";

export interface ListTokensFilter {
  user?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Tokens, oldest first; of those that the caller may see. */
export async function listTokens(
  { access, store }: Context,
  { caller, filter: { user, limit, cursor } }: { caller: Caller; filter: ListTokensFilter },
): Promise<{ items: ApiToken[]; next: string | null }> {
  const owner = await access.listed(caller, operations.listTokens.permission);
  const principal = owner ?? user ?? null;
  if (user !== undefined && principal !== user) return { items: [], next: null };
  return store.tokens.list({ principal, limit, cursor: cursor ?? null });
}
