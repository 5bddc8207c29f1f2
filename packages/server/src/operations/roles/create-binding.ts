import { BerthError, operations, type Problem } from "@berth/protocol";
import { givenRoles } from "../../auth/roles.ts";
import { foldName } from "../../core/access/fold-name.ts";
import { givenNameProblem, principalProblem } from "../../core/access/principal-name.ts";
import { changesBetween } from "../../core/audit/change.ts";
import type { Caller } from "../../core/caller/caller.ts";
import { newId } from "../../lib/ids.ts";
import type { StoredBinding } from "../../store/store.ts";
import { rulesOf } from "../access/rules-of.ts";
import type { Context } from "../context.ts";

/** All of them are in memory, and laid out anew with each change. */
const mostBindings = 10_000;

export interface NewBinding {
  caller: Caller;
  role: string;
  kind: StoredBinding["kind"];
  /** The name of the user or of the group. */
  subject: string;
}

/**
 * Gives a role to a principal or to a group, from the next request on. Idempotent: what was given is answered as it is.
 * Neither need be known by anything yet. Throws REQUEST_INVALID, TOO_MANY_BINDINGS.
 */
export async function createBinding(
  { access, roles, accounts, store, audit, events, now }: Context,
  { caller, role, kind, subject: named }: NewBinding,
): Promise<StoredBinding> {
  const target = kind === "user" ? { owner: named } : {};
  await access.demand(caller, operations.createBinding.permission, target);
  const known = roles.all.map(({ name }) => name);
  const problems: Problem[] = [
    ...(known.includes(role) ? [] : [{ field: "role", message: `must be one of ${known.join(", ")}` }]),
    ...subjectProblems(kind, named),
  ];
  if (problems.length > 0) {
    throw new BerthError("REQUEST_INVALID", `Cannot give role "${role}" to "${named}"`, { problems });
  }
  await access.demandHeld(caller, operations.createBinding.permission, rulesOf({ roles }, { roles: [role] }));
  if (roles.bindings >= mostBindings) {
    throw new BerthError(
      "TOO_MANY_BINDINGS",
      `Cannot give role "${role}" to "${named}": there are ${mostBindings}`,
    );
  }
  // Of a user as its account is written, where it has one: so it is asked for.
  const subject = kind === "group" ? foldName(named) : (accounts.find(named)?.name ?? named);
  const id = newId();
  const changes = changesBetween(null, { role, kind, subject });
  const record = audit.entry(caller, { ...operations.createBinding.permission, name: id, changes });
  const binding = await store.audited(record).bindings.insert({ id, role, kind, subject, createdAt: now() });
  // It may have been deleted again since, by somebody who came later.
  await roles.reload(() => givenRoles(store));
  if (binding.id === id) events.accessChanged({ what: "Role given", id, role, [kind]: subject }, caller);
  return binding;
}

function subjectProblems(kind: StoredBinding["kind"], subject: string): Problem[] {
  const message = kind === "user" ? givenNameProblem(subject) : principalProblem(subject);
  return message === null ? [] : [{ field: kind, message }];
}
