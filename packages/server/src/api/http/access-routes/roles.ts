import type { Binding, Role as RoleView } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Role } from "../../../core/access/role.ts";
import type { Context } from "../../../operations/context.ts";
import { createBinding } from "../../../operations/roles/create-binding.ts";
import { createRole } from "../../../operations/roles/create-role.ts";
import { deleteBinding } from "../../../operations/roles/delete-binding.ts";
import { deleteRole } from "../../../operations/roles/delete-role.ts";
import { getRole } from "../../../operations/roles/get-role.ts";
import { listBindings } from "../../../operations/roles/list-bindings.ts";
import { listRoles } from "../../../operations/roles/list-roles.ts";
import { shownRules } from "../../../operations/roles/shown-rules.ts";
import { updateRole } from "../../../operations/roles/update-role.ts";
import { addOperation } from "../operation-route.ts";

/** What can be given, and what was given to whom. */
export function addRoles(app: FastifyInstance, { context }: { context: Context }): void {
  const { roles } = context;
  const view = ({ name, rules }: Role): RoleView => ({
    name,
    builtIn: roles.isBuiltIn(name),
    rules: shownRules(rules),
  });

  addOperation(app, "listRoles", async ({ caller }) => ({
    items: (await listRoles(context, { caller })).map(view),
  }));

  addOperation(app, "createRole", async ({ caller, body: { name, rules } }) =>
    view(await createRole(context, { caller, name, rules })),
  );

  addOperation(app, "getRole", async ({ caller, params: { name } }) =>
    view(await getRole(context, { caller, name })),
  );

  addOperation(app, "updateRole", async ({ caller, params: { name }, body: { rules } }) =>
    view(await updateRole(context, { caller, name, rules })),
  );

  addOperation(app, "deleteRole", ({ caller, params: { name } }) => deleteRole(context, { caller, name }));

  addOperation(app, "listBindings", async ({ caller }) => ({
    items: (await listBindings(context, { caller })).map(viewBinding),
  }));

  addOperation(app, "createBinding", async ({ caller, body: { role, user, group } }) => {
    const kind = group === undefined ? "user" : "group";
    return viewBinding(await createBinding(context, { caller, role, kind, subject: group ?? user ?? "" }));
  });

  addOperation(app, "deleteBinding", ({ caller, params: { binding } }) =>
    deleteBinding(context, { caller, id: binding }),
  );
}

type StoredBinding = Awaited<ReturnType<typeof createBinding>>;

function viewBinding({ id, role, kind, subject, createdAt }: StoredBinding): Binding {
  return { id, role, [kind]: subject, createdAt: new Date(createdAt).toISOString() };
}
