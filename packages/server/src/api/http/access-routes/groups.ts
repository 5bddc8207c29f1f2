import type { Group } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { changeMember } from "../../../operations/groups/change-member.ts";
import { createGroup } from "../../../operations/groups/create-group.ts";
import { deleteGroup } from "../../../operations/groups/delete-group.ts";
import { getGroup } from "../../../operations/groups/get-group.ts";
import { listGroups } from "../../../operations/groups/list-groups.ts";
import { addOperation } from "../operation-route.ts";

export function addGroups(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "listGroups", async ({ caller }) => ({
    items: (await listGroups(context, { caller })).map(viewGroup),
  }));

  addOperation(app, "createGroup", async ({ caller, body: { name } }) =>
    viewGroup(await createGroup(context, { caller, name })),
  );

  addOperation(app, "getGroup", async ({ caller, params: { group } }) =>
    viewGroup(await getGroup(context, { caller, name: group })),
  );

  addOperation(app, "deleteGroup", ({ caller, params: { group } }) =>
    deleteGroup(context, { caller, name: group }),
  );

  addOperation(app, "addMember", async ({ caller, params: { group, member } }) =>
    viewGroup(await changeMember(context, { caller, name: group, user: member, isMember: true })),
  );

  addOperation(app, "removeMember", async ({ caller, params: { group, member } }) =>
    viewGroup(await changeMember(context, { caller, name: group, user: member, isMember: false })),
  );
}

function viewGroup({ name, createdAt, members }: Awaited<ReturnType<typeof getGroup>>): Group {
  return {
    name,
    createdAt: new Date(createdAt).toISOString(),
    members: members.map(({ member, source }) => ({ user: member, source })),
  };
}
