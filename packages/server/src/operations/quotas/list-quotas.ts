import { operations, type Quota } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { shownQuota } from "./shown-quota.ts";
import { isOwnSubject } from "./subject-of-request.ts";

/** What bounds whom, and what is used of it, by name; of those that the caller may see: its own, and those of its groups. */
export async function listQuotas(context: Context, { caller }: { caller: Caller }): Promise<Quota[]> {
  const owner = await context.access.listed(caller, operations.listQuotas.permission);
  const all = await context.store.quotas.list();
  const seen = owner === null ? all : all.filter(({ subject }) => isOwnSubject(caller, subject));
  const shown: Quota[] = [];
  for (const quota of seen) shown.push(await shownQuota(context, quota));
  return shown;
}
