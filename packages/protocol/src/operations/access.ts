import { routes } from "../routes.ts";
import { binding, bindingList, createBindingBody } from "../schemas/access/binding.ts";
import { explainQuery, explanation, whoAmI } from "../schemas/access/explanation.ts";
import { roleList } from "../schemas/access/role.ts";
import type { Operation } from "./operation.ts";

export const accessOperations = {
  whoAmI: {
    ...routes.whoAmI,
    summary: "Show who is asking, and with which roles",
    permission: { resource: "access", verb: "read" },
    success: { status: 200, body: whoAmI },
  },
  explainAccess: {
    ...routes.explainAccess,
    summary: "Say whether something is allowed, and by which role and binding",
    permission: { resource: "access", verb: "read" },
    query: explainQuery,
    success: { status: 200, body: explanation },
  },
  listRoles: {
    ...routes.listRoles,
    summary: "List the roles with what they allow",
    permission: { resource: "roles", verb: "list" },
    success: { status: 200, body: roleList },
  },
  listBindings: {
    ...routes.listBindings,
    summary: "List which roles are given to whom",
    permission: { resource: "bindings", verb: "list" },
    success: { status: 200, body: bindingList },
  },
  createBinding: {
    ...routes.createBinding,
    summary: "Give a role to a principal, from its next request on",
    permission: { resource: "bindings", verb: "create" },
    body: createBindingBody,
    success: { status: 201, body: binding },
  },
  deleteBinding: {
    ...routes.deleteBinding,
    summary: "Take a role that was given away again",
    permission: { resource: "bindings", verb: "delete" },
    success: { status: 204, body: null },
  },
} as const satisfies Record<string, Operation>;
