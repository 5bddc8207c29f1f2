import { BerthError, operations, type Problem } from "@berth/protocol";
import { givenRoles } from "../../auth/roles.ts";
import { foldName } from "../../core/access/fold-name.ts";
import { givenNameProblem, principalProblem } from "../../core/access/principal-name.ts";
import { changesBetween } from "../../core/audit/change.ts";
import type { Rule } from "../../core/access/role.ts";
import type { AuditEntry } from "../../core/audit/record.ts";
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
export async function createBinding(context: Context, request: NewBinding): Promise<StoredBinding> {
  const { roles, store, events } = context;
  await demandNewBinding(context, request);
  const { record, row } = newBinding(context, request);
  const binding = await store.audited(record).bindings.insert(row);
  // It may have been deleted again since, by somebody who came later.
  await roles.reload(() => givenRoles(store));
  if (binding.id === row.id) tellOfBinding(events, { caller: request.caller, binding });
  return binding;
}

/**
 * Throws as giving it does. `defined`: roles as they are going to be, where they are defined with it; `before`: so many more
 * bindings are made first.
 */
export async function demandNewBinding(
  { access, roles }: Context,
  {
    caller,
    role,
    kind,
    subject: named,
    defined = new Map(),
    before = 0,
  }: NewBinding & { defined?: ReadonlyMap<string, readonly Rule[]>; before?: number },
): Promise<void> {
  const { permission } = operations.createBinding;
  await access.demand(caller, permission, kind === "user" ? { owner: named } : {});
  const known = new Set([...roles.all.map(({ name }) => name), ...defined.keys()]);
  const problems: Problem[] = [
    ...(known.has(role) ? [] : [{ field: "role", message: `must be one of ${[...known].join(", ")}` }]),
    ...subjectProblems(kind, named),
  ];
  if (problems.length > 0) {
    throw new BerthError("REQUEST_INVALID", `Cannot give role "${role}" to "${named}"`, { problems });
  }
  await access.demandHeld(caller, permission, defined.get(role) ?? rulesOf({ roles }, { roles: [role] }));
  if (roles.bindings + before >= mostBindings) {
    throw new BerthError(
      "TOO_MANY_BINDINGS",
      `Cannot give role "${role}" to "${named}": there are ${mostBindings}`,
    );
  }
}

/** What is stored of it, and the record of that. */
export function newBinding(
  { accounts, audit, now }: Pick<Context, "accounts" | "audit" | "now">,
  { caller, role, kind, subject: named }: NewBinding,
): { record: AuditEntry; row: StoredBinding } {
  const subject = subjectOf({ accounts }, { kind, subject: named });
  const id = newId();
  const changes = changesBetween(null, { role, kind, subject });
  const record = audit.entry(caller, { ...operations.createBinding.permission, name: id, changes });
  return { record, row: { id, role, kind, subject, createdAt: now() } };
}

/** Of a user as its account is written, where it has one: so it is asked for. */
export function subjectOf(
  { accounts }: Pick<Context, "accounts">,
  { kind, subject }: Pick<NewBinding, "kind" | "subject">,
): string {
  return kind === "group" ? foldName(subject) : (accounts.find(subject)?.name ?? subject);
}

export function tellOfBinding(
  events: Context["events"],
  { caller, binding: { id, role, kind, subject } }: { caller: Caller; binding: StoredBinding },
): void {
  events.accessChanged({ what: "Role given", id, role, [kind]: subject }, caller);
}

function subjectProblems(kind: StoredBinding["kind"], subject: string): Problem[] {
  const message = kind === "user" ? givenNameProblem(subject) : principalProblem(subject);
  return message === null ? [] : [{ field: kind, message }];
}
