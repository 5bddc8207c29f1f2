import { operations } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../../operations/context.ts";
import { createBinding } from "../../../operations/roles/create-binding.ts";
import { deleteBinding } from "../../../operations/roles/delete-binding.ts";
import { listBindings } from "../../../operations/roles/list-bindings.ts";
import { groupNames } from "../group-names.ts";
import { groupId, roleId } from "../ids.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { Refusal, saying } from "../refusal.ts";

const body = z.object({
  name: z.string().min(1).max(128),
  role_name: z.string().min(1).max(64),
  subject_kind: z.string().max(64),
  subject_provider: z.string().max(64).optional(),
  subject_name: z.string().min(1).max(64),
});

const missing = { status: 404, error: "role_binding not found" };
const one = "/role_bindings/:binding";

type Binding = Awaited<ReturnType<typeof listBindings>>[number];
type Shown = ReturnType<typeof shownBinding>;

export function addKritenRoleBindings(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { listBindings: list, createBinding: create, deleteBinding: remove } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/role_bindings", permission: list.permission, isNarrowed: true },
    async ({ caller, query, reply }) => {
      const all = (await ofGroups(context, caller)).map((binding) => shownBinding(binding));
      return listed(
        reply,
        all.filter((row) => isAsked(row, query)),
      );
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: one, permission: list.permission },
    async ({ caller, param }) => shownBinding(await bindingOf(context, { caller, text: param("binding") })),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path: "/role_bindings", permission: create.permission },
    async ({ caller, ...call }) => {
      const said = call.body(body);
      return shownBinding(await give(context, { caller, said }), said.name);
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["PATCH", "PUT"], path: one, permission: create.permission },
    async ({ caller, param, ...call }) => {
      const said = call.body(body);
      const before = await bindingOf(context, { caller, text: param("binding") });
      const after = await give(context, { caller, said });
      // What is given is given before what was given is taken: nobody is left with less between.
      if (after.id !== before.id) await deleteBinding(context, { caller, id: before.id });
      return shownBinding(after, said.name);
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path: one, permission: remove.permission },
    async ({ caller, param }) => {
      const { id } = await bindingOf(context, { caller, text: param("binding") });
      await saying(deleteBinding(context, { caller, id }), { BINDING_NOT_FOUND: missing });
      return { msg: "role_binding deleted successfully" };
    },
  );
}

async function give(
  context: Context,
  { caller, said }: { caller: Caller; said: z.output<typeof body> },
): Promise<Binding> {
  const { role_name: role, subject_kind: kind, subject_name: subject } = said;
  if (kind !== "groups")
    throw new Refusal("REQUEST_INVALID", { status: 400, error: "subject kind does not exist" });
  const made = await createBinding(context, { caller, role, kind: "group", subject });
  return { ...made, subject: (await groupNames(context))(made.subject) };
}

/** Kriten gives roles to groups alone. */
async function ofGroups(context: Context, caller: Caller): Promise<Binding[]> {
  const called = await groupNames(context);
  return (await listBindings(context, { caller }))
    .filter(({ kind }) => kind === "group")
    .map((binding) => ({ ...binding, subject: called(binding.subject) }));
}

/** By its id, or by the name that it is listed by. */
async function bindingOf(
  context: Context,
  { caller, text }: { caller: Caller; text: string },
): Promise<Binding> {
  const all = await ofGroups(context, caller);
  const found = all.find((binding) => binding.id === text || nameOf(binding) === text);
  if (found === undefined) throw new Refusal("BINDING_NOT_FOUND", missing);
  return found;
}

function nameOf({ role, subject }: Binding): string {
  return `${role}-${subject}`;
}

function shownBinding(binding: Binding, name = nameOf(binding)) {
  const { id, role, subject } = binding;
  return {
    id,
    name,
    role_id: roleId(role),
    role_name: role,
    subject_id: groupId(subject),
    subject_kind: "groups",
    subject_provider: "local",
    subject_name: subject,
  };
}

function isAsked(row: Shown, query: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(row).every(([field, value]) => query[field] === undefined || query[field] === value);
}
