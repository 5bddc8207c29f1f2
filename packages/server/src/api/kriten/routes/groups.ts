import { operations } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../../operations/context.ts";
import { changeMember } from "../../../operations/groups/change-member.ts";
import { createGroup } from "../../../operations/groups/create-group.ts";
import { deleteGroup } from "../../../operations/groups/delete-group.ts";
import type { ShownGroup } from "../../../operations/groups/find-group.ts";
import { getGroup } from "../../../operations/groups/get-group.ts";
import { listGroups } from "../../../operations/groups/list-groups.ts";
import { groupId, groupNamed, userId } from "../ids.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { Refusal, saying } from "../refusal.ts";

const body = z.object({ name: z.string().min(1).max(64), provider: z.string().max(64).optional() });
const members = z
  .array(z.object({ name: z.string().min(1).max(64), provider: z.string().max(64).optional() }))
  .max(1000);

const missing = { status: 404, error: "group not found" };
const taken = { status: 409, error: "group already exists, please use a different name" };
const noUser = { status: 404, error: "user not found" };

export function addKritenGroups(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { listGroups: list, getGroup: show, createGroup: create, deleteGroup: remove } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/groups", permission: list.permission, isNarrowed: true },
    async ({ caller, reply }) =>
      listed(
        reply,
        (await listGroups(context, { caller })).map((group) => shownGroup(context, group)),
      ),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/groups/:group", permission: show.permission },
    async ({ caller, param }) =>
      shownGroup(context, await groupOf(context, { caller, text: param("group") })),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path: "/groups", permission: create.permission },
    async ({ caller, ...call }) => {
      const { name } = call.body(body);
      const made = createGroup(context, { caller, name });
      return shownGroup(context, await saying(made, { NAME_TAKEN: taken }));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["PATCH", "PUT"], path: "/groups/:group", permission: create.permission },
    async ({ caller, param, ...call }) => {
      const group = await groupOf(context, { caller, text: param("group") });
      if (call.body(body).name === group.name) return shownGroup(context, group);
      // Roles are given to it by its name.
      throw new Refusal("REQUEST_INVALID", { status: 400, error: "a group's name cannot be changed" });
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path: "/groups/:group", permission: remove.permission },
    async ({ caller, param }) => {
      const name = await groupNamed(context, param("group"));
      await saying(deleteGroup(context, { caller, name }), { GROUP_NOT_FOUND: missing });
      return { msg: "group deleted successfully" };
    },
  );
  addMembers(app, door);
}

function addMembers(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const path = "/groups/:group/users";

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path, permission: operations.getGroup.permission },
    async ({ caller, param, reply }) => {
      const { members: all } = await groupOf(context, { caller, text: param("group") });
      const rows = all.map(({ member, source }) => ({
        id: userId(context, member),
        name: member,
        provider: source === "local" ? "local" : "active_directory",
      }));
      return listed(reply, rows);
    },
  );

  for (const [methods, isMember] of [
    [["POST", "PUT"], true],
    [["DELETE"], false],
  ] as const)
    addKritenRoute(
      app,
      door,
      { methods, path, permission: operations.addMember.permission },
      async ({ caller, param, ...call }) => {
        const name = await groupNamed(context, param("group"));
        const refusals = { GROUP_NOT_FOUND: missing, USER_NOT_FOUND: noUser };
        for (const { name: user } of call.body(members))
          await saying(changeMember(context, { caller, name, user, isMember }), refusals);
        return shownGroup(context, await groupOf(context, { caller, text: name }));
      },
    );
}

/** By its id or its name: Kriten asks for it by the one here, and by the other there. */
async function groupOf(
  context: Context,
  { caller, text }: { caller: Caller; text: string },
): Promise<ShownGroup> {
  const name = await groupNamed(context, text);
  return saying(getGroup(context, { caller, name }), { GROUP_NOT_FOUND: missing });
}

function shownGroup(context: Context, { key, name, createdAt, members: all }: ShownGroup) {
  const at = new Date(createdAt).toISOString();
  const users = all.map(({ member }) => userId(context, member));
  return { id: groupId(key), name, provider: "local", users, created_at: at, updated_at: at };
}
