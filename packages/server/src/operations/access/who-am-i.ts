import { operations, type WhoAmI } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { shownRules } from "../roles/shown-rules.ts";
import type { Context } from "../context.ts";

/** Who is asking, as the server knows it. */
export async function whoAmI(
  { access, roles, accounts }: Context,
  { caller }: { caller: Caller },
): Promise<WhoAmI> {
  const { principal, groups, door, credential, scope } = caller;
  await access.demand(caller, operations.whoAmI.permission, { owner: principal.name });
  const held = roles.heldBy({ user: principal.name, groups, roles: principal.roles });
  const names = held.map(({ role }) => role.name).toSorted();
  const account = accounts.find(principal.name);
  const { kind, id, expiresAt } = credential;
  const until = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() };
  return {
    name: principal.name,
    roles: names,
    groups: [...groups],
    door,
    credential: { kind, id, ...until, ...(scope !== undefined && { scope: shownRules(scope) }) },
    account: account === null ? null : { display: account.display, mustChangePassword: account.mustChange },
  };
}
