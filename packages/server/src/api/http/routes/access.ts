import type { Binding } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { createBinding } from "../../../operations/access/create-binding.ts";
import { deleteBinding } from "../../../operations/access/delete-binding.ts";
import { explainAccess } from "../../../operations/access/explain-access.ts";
import { listBindings } from "../../../operations/access/list-bindings.ts";
import { listRoles } from "../../../operations/access/list-roles.ts";
import { whoAmI } from "../../../operations/access/who-am-i.ts";
import type { Context } from "../../../operations/context.ts";
import { addOperation } from "../operation-route.ts";

export function addAccess(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "whoAmI", ({ caller }) => whoAmI(context, { caller }));

  addOperation(app, "explainAccess", ({ caller, query: { verb, resource, principal = null, owner, name } }) =>
    explainAccess(context, { caller, permission: { verb, resource }, principal, owner, name }),
  );

  addOperation(app, "listRoles", async ({ caller }) => ({
    items: (await listRoles(context, { caller })).map((role) => ({ ...role, builtIn: true })),
  }));

  addOperation(app, "listBindings", async ({ caller }) => ({
    items: (await listBindings(context, { caller })).map(viewBinding),
  }));

  addOperation(app, "createBinding", async ({ caller, body: { role, user } }) =>
    viewBinding(await createBinding(context, { caller, role, user })),
  );

  addOperation(app, "deleteBinding", ({ caller, params: { binding } }) =>
    deleteBinding(context, { caller, id: binding }),
  );
}

type StoredBinding = Awaited<ReturnType<typeof createBinding>>;

function viewBinding({ id, role, subject, createdAt }: StoredBinding): Binding {
  return { id, role, user: subject, createdAt: new Date(createdAt).toISOString() };
}
