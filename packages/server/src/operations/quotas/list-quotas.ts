import { operations, type Quota } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** What bounds whom, by name; of those that the caller may see. */
export async function listQuotas(
  { access, store }: Context,
  { caller }: { caller: Caller },
): Promise<Quota[]> {
  const owner = await access.listed(caller, operations.listQuotas.permission);
  const all = await store.quotas.list();
  return owner === null ? all : all.filter(({ user }) => user === owner);
}
