import { BerthError, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { changesBetween } from "../../core/audit/change.ts";
import { ownNames } from "../../core/caller/principal.ts";
import { newId } from "../../lib/ids.ts";
import { principalProblem } from "../../core/access/principal-name.ts";
import type { StoredBinding } from "../../store/store.ts";
import type { Context } from "../context.ts";

/** All of them are in memory, and laid out anew with each change. */
const mostBindings = 10_000;

/**
 * Gives a role to a principal, from its next request on. Idempotent: what was given is answered as it is. The principal
 * need not be known by anything yet. Throws REQUEST_INVALID, TOO_MANY_BINDINGS.
 */
export async function createBinding(
  { access, roles, store, audit, events, now }: Context,
  { caller, role, user }: { caller: Caller; role: string; user: string },
): Promise<StoredBinding> {
  await access.demand(caller, operations.createBinding.permission, { owner: user });
  const known = roles.all.map(({ name }) => name);
  const nameProblem = ownNames.includes(user)
    ? "must not be a name of the server's own"
    : principalProblem(user);
  const problems = [
    ...(known.includes(role) ? [] : [{ field: "role", message: `must be one of ${known.join(", ")}` }]),
    ...(nameProblem === null ? [] : [{ field: "user", message: nameProblem }]),
  ];
  if (problems.length > 0) {
    throw new BerthError("REQUEST_INVALID", `Cannot give role "${role}" to "${user}"`, { problems });
  }
  if (roles.bindings >= mostBindings) {
    throw new BerthError(
      "TOO_MANY_BINDINGS",
      `Cannot give role "${role}" to "${user}": there are ${mostBindings}`,
    );
  }
  const id = newId();
  const changes = changesBetween(null, { role, kind: "user", subject: user });
  const record = audit.entry(caller, { ...operations.createBinding.permission, name: id, changes });
  const binding = await store.audited(record).bindings.insert({
    id,
    role,
    kind: "user",
    subject: user,
    createdAt: now(),
  });
  // It may have been deleted again since, by somebody who came later.
  await roles.reload(() => store.bindings.list());
  if (binding.id === id) events.accessChanged({ what: "Role given", id, role, user }, caller);
  return binding;
}
