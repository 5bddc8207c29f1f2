import { operations } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../../operations/context.ts";
import { createUser } from "../../../operations/users/create-user.ts";
import { deleteUser } from "../../../operations/users/delete-user.ts";
import type { ShownAccount } from "../../../operations/users/find-user.ts";
import { getUser } from "../../../operations/users/get-user.ts";
import { listUsers } from "../../../operations/users/list-users.ts";
import { setUserPassword } from "../../../operations/users/set-user-password.ts";
import { groupNames } from "../group-names.ts";
import { groupId, userNamed } from "../ids.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { Refusal, saying } from "../refusal.ts";

const PAGE = 1000;

const body = z.object({
  username: z.string().min(1).max(64),
  password: z.string().max(1024).optional(),
  provider: z.enum(["local", "active_directory"]).default("local"),
});

const missing = { status: 404, error: "user not found" };
const taken = { status: 409, error: "user already exists, please use a different username" };

export function addKritenUsers(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { listUsers: list, getUser: show } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/users", permission: list.permission, isNarrowed: true },
    async ({ caller, reply }) => {
      const all = await livingUsers(context, caller);
      return listed(
        reply,
        all.map((account) => shownUser(context, account)),
      );
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/users/:user", permission: show.permission },
    async ({ caller, param }) => shownUser(context, await userOf(context, { caller, text: param("user") })),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/users/:user/groups", permission: show.permission },
    async ({ caller, param, reply }) => {
      const { name } = await userOf(context, { caller, text: param("user") });
      return listed(reply, groupsOf(context, name).map(await groupNames(context)));
    },
  );
  addWrites(app, door);
}

function addWrites(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { createUser: create, setUserPassword: change, deleteUser: remove } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path: "/users", permission: create.permission },
    async ({ caller, ...call }) => {
      const { username: name, password, provider } = call.body(body);
      if (provider === "local" && (password === undefined || password === ""))
        throw new Refusal("REQUEST_INVALID", { status: 400, error: "password is required" });
      const ofDirectory = provider !== "local" || password === undefined;
      const given = {
        display: null,
        password: ofDirectory ? null : password,
        makePassword: false,
        roles: [],
      };
      const { account } = await saying(createUser(context, { caller, name, ...given }), {
        NAME_TAKEN: taken,
      });
      return shownUser(context, account);
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["PATCH", "PUT"], path: "/users/:user", permission: change.permission },
    async ({ caller, param, ...call }) => {
      const { username, password } = call.body(body.partial({ username: true }));
      const account = await userOf(context, { caller, text: param("user") });
      if (username !== undefined && username !== account.name)
        throw new Refusal("REQUEST_INVALID", { status: 400, error: "username cannot be changed" });
      if (password !== undefined && password !== "")
        await setUserPassword(context, { caller, name: account.name, password });
      return shownUser(context, await getUser(context, { caller, name: account.name }));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path: "/users/:user", permission: remove.permission },
    async ({ caller, param }) => {
      const { name } = await userOf(context, { caller, text: param("user") });
      if (groupsOf(context, name).length > 0)
        throw new Refusal("BUILT_IN", {
          status: 502,
          error: "cannot delete user, please remove from groups first",
        });
      await deleteUser(context, { caller, name });
      return { msg: "user deleted successfully" };
    },
  );
}

/** By its id, as Kriten has it, else by its name. */
async function userOf(
  context: Context,
  { caller, text }: { caller: Caller; text: string },
): Promise<ShownAccount> {
  const found = await saying(getUser(context, { caller, name: userNamed(context, text) }), {
    USER_NOT_FOUND: missing,
  });
  if (found.deletedAt !== null) throw new Refusal("USER_NOT_FOUND", missing);
  return found;
}

async function livingUsers(context: Context, caller: Caller): Promise<ShownAccount[]> {
  const all: ShownAccount[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listUsers>> = await listUsers(context, {
      caller,
      limit: PAGE,
      cursor,
    });
    all.push(...page.items.filter(({ deletedAt }) => deletedAt === null));
    cursor = page.next;
  } while (cursor !== null);
  return all;
}

/** Those that it was put into here: what a directory says of it is that directory's. */
function groupsOf({ groups }: Pick<Context, "groups">, name: string): string[] {
  return groups
    .membershipsOf(name)
    .filter(({ source }) => source === "local")
    .map(({ group }) => group);
}

function shownUser({ groups }: Pick<Context, "groups">, { id, name, createdAt, passwordAt }: ShownAccount) {
  const at = new Date(createdAt).toISOString();
  return {
    id,
    username: name,
    provider: passwordAt === null ? "active_directory" : "local",
    groups: [...groups.of(name)].map(groupId),
    created_at: at,
    updated_at: passwordAt === null ? at : new Date(passwordAt).toISOString(),
  };
}
