import type { Permission } from "@berth/protocol";
import { foldName } from "../../core/access/fold-name.ts";
import { lacking } from "../../core/access/lacking.ts";
import type { Rule } from "../../core/access/role.ts";
import { common } from "../../core/access/scope.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";
import { rulesOf, rulesOfName } from "./rules-of.ts";

/** What makes somebody an administrator: whoever may do this keeps the server going. */
const keeping: readonly Rule[] = [{ resource: "server", names: ["*"], verbs: ["admin"] }];

/** Whether somebody, by this credential, may do all that an administrator may: what it gives to others needs no bound. */
export function isAdministrator(
  context: Pick<Context, "roles">,
  { principal: { name: user, roles }, groups, scope }: Caller,
): boolean {
  const all = rulesOf(context, { roles: ["admin"] });
  return scope === undefined && lacking(rulesOf(context, { user, groups, roles }), all) === null;
}

interface Asked {
  caller: Caller;
  permission: Permission;
}

/**
 * Nobody shuts an administrator out, or ends what lets one in, who is none. Throws FORBIDDEN. However the name is written:
 * locks meet it so.
 */
export async function demandKeeper(context: Context, name: string, asked: Asked): Promise<void> {
  const key = foldName(name);
  const bound = (await context.store.bindings.list())
    .filter(({ kind, subject }) => kind === "user" && foldName(subject) === key)
    .map(({ subject }) => subject);
  const names = [...new Set([name, key, ...bound])];
  await demandToKeep(
    context,
    asked,
    names.flatMap((one) => rulesOfName(context, one)),
  );
}

/** The same for what a role, or what was given to a group, makes of somebody. */
export async function demandKeeperOf(
  context: Context,
  subject: Parameters<typeof rulesOf>[1],
  asked: Asked,
): Promise<void> {
  await demandToKeep(context, asked, rulesOf(context, subject));
}

async function demandToKeep(
  { access }: Context,
  { caller, permission }: Asked,
  rules: readonly Rule[],
): Promise<void> {
  const [kept] = common(rules, keeping);
  if (kept !== undefined) await access.demandHeld(caller, permission, [kept]);
}
