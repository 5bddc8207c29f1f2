import type { User } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { createUser } from "../../../operations/users/create-user.ts";
import { deleteUser } from "../../../operations/users/delete-user.ts";
import { getUser } from "../../../operations/users/get-user.ts";
import { linkUser } from "../../../operations/users/link-user.ts";
import { listUsers } from "../../../operations/users/list-users.ts";
import { lockUser } from "../../../operations/users/lock-user.ts";
import { restoreUser } from "../../../operations/users/restore-user.ts";
import { setUserPassword } from "../../../operations/users/set-user-password.ts";
import { updateUser } from "../../../operations/users/update-user.ts";
import { addOperation } from "../operation-route.ts";

export function addUsers(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "listUsers", async ({ caller, query: { limit, cursor = null } }) => {
    const { items, next } = await listUsers(context, { caller, limit, cursor });
    return { items: items.map(viewUser), next };
  });

  addOperation(app, "createUser", async ({ caller, body }) => {
    const { name, display = null, password = null, oneTimePassword: makePassword, roles } = body;
    const made = await createUser(context, { caller, name, display, password, makePassword, roles });
    return { ...viewUser(made.account), password: made.password };
  });

  addOperation(app, "getUser", async ({ caller, params: { user } }) =>
    viewDetails(await getUser(context, { caller, name: user })),
  );

  addOperation(app, "updateUser", async ({ caller, params: { user }, body: { display } }) =>
    viewUser(await updateUser(context, { caller, name: user, display })),
  );

  addOperation(app, "deleteUser", ({ caller, params: { user } }) =>
    deleteUser(context, { caller, name: user }),
  );

  addOperation(app, "restoreUser", async ({ caller, params: { user } }) =>
    viewUser(await restoreUser(context, { caller, name: user })),
  );

  addStates(app, context);
}

/** What lets an account in, and what does not. */
function addStates(app: FastifyInstance, context: Context): void {
  addOperation(app, "lockUser", async ({ caller, params: { user } }) =>
    viewUser(await lockUser(context, { caller, name: user, locked: true })),
  );

  addOperation(app, "unlockUser", async ({ caller, params: { user } }) =>
    viewUser(await lockUser(context, { caller, name: user, locked: false })),
  );

  addOperation(app, "setUserPassword", async ({ caller, params: { user }, body: { password } }) => ({
    password: await setUserPassword(context, { caller, name: user, password }),
  }));

  addOperation(app, "linkUser", async ({ caller, params: { user }, body: identity }) =>
    viewDetails(await linkUser(context, { caller, name: user, identity, linked: true })),
  );

  addOperation(app, "unlinkUser", async ({ caller, params: { user }, body: identity }) =>
    viewDetails(await linkUser(context, { caller, name: user, identity, linked: false })),
  );
}

type Shown = Awaited<ReturnType<typeof lockUser>>;

function viewUser({ id, name, display, createdAt, deletedAt, locked, passwordAt, mustChange }: Shown): User {
  return {
    id,
    name,
    display,
    createdAt: iso(createdAt),
    deletedAt: isoOrNull(deletedAt),
    locked,
    passwordAt: isoOrNull(passwordAt),
    mustChangePassword: mustChange,
  };
}

function viewDetails(shown: Awaited<ReturnType<typeof getUser>>): User & Pick<typeof shown, "identities"> {
  return { ...viewUser(shown), identities: shown.identities };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
