import { objectName, operations } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Rule } from "../../../core/access/role.ts";
import type { Context } from "../../../operations/context.ts";
import { createRole } from "../../../operations/roles/create-role.ts";
import { deleteRole } from "../../../operations/roles/delete-role.ts";
import { getRole } from "../../../operations/roles/get-role.ts";
import { listRoles } from "../../../operations/roles/list-roles.ts";
import { updateRole } from "../../../operations/roles/update-role.ts";
import { roleNamed, userNamed } from "../ids.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { Refusal, saying } from "../refusal.ts";
import {
  type KritenLevel,
  type KritenResource,
  kritenLevels,
  kritenResources,
  rulesOfKriten,
  shownRole,
} from "../shape/role.ts";

const body = z.object({
  name: objectName,
  resource: z.string().max(64),
  resource_ids: z.array(z.string().min(1).max(64)).min(1).max(300),
  access: z.string().max(64),
});

/** What Kriten has by ids, and rules have by names. */
const named: Readonly<Record<string, (context: Context, id: string) => string>> = {
  users: userNamed,
  roles: roleNamed,
};

const missing = { status: 404, error: "role not found" };
const taken = { status: 409, error: "role already exists, please use a different name" };

export function addKritenRoles(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { listRoles: list, getRole: show, createRole: create, updateRole: change } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/roles", permission: list.permission, isNarrowed: true },
    async ({ caller, reply }) => listed(reply, (await listRoles(context, { caller })).map(shownRole)),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/roles/:role", permission: show.permission },
    async ({ caller, param }) =>
      shownRole(
        await saying(getRole(context, { caller, name: roleNamed(context, param("role")) }), {
          ROLE_NOT_FOUND: missing,
        }),
      ),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path: "/roles", permission: create.permission },
    async ({ caller, ...call }) => {
      const { name, ...said } = call.body(body);
      const made = createRole(context, { caller, name, rules: rulesIn(context, said) });
      return shownRole(await saying(made, { NAME_TAKEN: taken }));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["PATCH", "PUT"], path: "/roles/:role", permission: change.permission },
    async ({ caller, param, ...call }) => {
      const rules = rulesIn(context, call.body(body.omit({ name: true })));
      const name = roleNamed(context, param("role"));
      const changed = updateRole(context, { caller, name, rules });
      return shownRole(await saying(changed, { ROLE_NOT_FOUND: missing }));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path: "/roles/:role", permission: operations.deleteRole.permission },
    async ({ caller, param }) => {
      const name = roleNamed(context, param("role"));
      await saying(deleteRole(context, { caller, name }), { ROLE_NOT_FOUND: missing });
      return { msg: "role deleted successfully" };
    },
  );
}

function rulesIn(
  context: Context,
  {
    resource,
    resource_ids: ids,
    access,
  }: Pick<z.output<typeof body>, "resource" | "resource_ids" | "access">,
): Rule[] {
  const isKnown = (known: readonly string[], word: string): boolean => known.includes(word);
  if (!isKnown(kritenResources, resource)) {
    const resources = kritenResources.filter((one) => one !== "*");
    throw new Refusal("REQUEST_INVALID", { status: 400, error: "resource does not exist", resources });
  }
  if (!isKnown(kritenLevels, access))
    throw new Refusal("REQUEST_INVALID", { status: 400, error: "access not allowed", access: kritenLevels });
  const names = ids.map((id) => named[resource]?.(context, id) ?? id);
  return rulesOfKriten(resource as KritenResource, { names, level: access as KritenLevel });
}
