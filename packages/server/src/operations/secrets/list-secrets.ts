import { operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { KnownSecret } from "../../secrets/secrets.ts";
import type { Context } from "../context.ts";

/** By name; those that the caller may see. Throws FORBIDDEN where it may see none that there are. */
export async function listSecrets(
  { access, secrets }: Context,
  { caller }: { caller: Caller },
): Promise<KnownSecret[]> {
  const { permission } = operations.listSecrets;
  const seesAll = await access.allows(caller, permission, {});
  const all = await secrets.list();
  if (seesAll) return all;
  const seen = await Promise.all(all.map(({ name }) => access.allows(caller, permission, { called: name })));
  if (!seen.includes(true)) await access.demand(caller, permission);
  return all.filter((_, at) => seen[at]);
}
