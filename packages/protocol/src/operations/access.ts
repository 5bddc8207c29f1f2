import { routes } from "../routes.ts";
import { binding, bindingList, createBindingBody } from "../schemas/access/binding.ts";
import { explainQuery, explanation, whoAmI } from "../schemas/access/explanation.ts";
import { createGroupBody, group, groupList } from "../schemas/access/group.ts";
import { createRoleBody, role, roleList, updateRoleBody } from "../schemas/access/role.ts";
import type { Operation } from "./operation.ts";

const groupOperations = {
  listGroups: {
    ...routes.listGroups,
    summary: "List the groups with who is in them",
    permission: { resource: "groups", verb: "list" },
    success: { status: 200, body: groupList },
  },
  createGroup: {
    ...routes.createGroup,
    summary: "Make a group",
    permission: { resource: "groups", verb: "create" },
    body: createGroupBody,
    success: { status: 201, body: group },
  },
  getGroup: {
    ...routes.getGroup,
    summary: "Show a group with who is in it",
    permission: { resource: "groups", verb: "read" },
    success: { status: 200, body: group },
  },
  deleteGroup: {
    ...routes.deleteGroup,
    summary: "Delete a group with what was given to it",
    permission: { resource: "groups", verb: "delete" },
    success: { status: 204, body: null },
  },
  addMember: {
    ...routes.addMember,
    summary: "Put a user into a group, from its next request on",
    permission: { resource: "groups", verb: "update" },
    success: { status: 200, body: group },
  },
  removeMember: {
    ...routes.removeMember,
    summary: "Take a user out of a group",
    permission: { resource: "groups", verb: "update" },
    success: { status: 200, body: group },
  },
} as const satisfies Record<string, Operation>;

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
  createRole: {
    ...routes.createRole,
    summary: "Make a role of one's own",
    permission: { resource: "roles", verb: "create" },
    body: createRoleBody,
    success: { status: 201, body: role },
  },
  getRole: {
    ...routes.getRole,
    summary: "Show a role",
    permission: { resource: "roles", verb: "read" },
    success: { status: 200, body: role },
  },
  updateRole: {
    ...routes.updateRole,
    summary: "Give a role other rules, for all who have it",
    permission: { resource: "roles", verb: "update" },
    body: updateRoleBody,
    success: { status: 200, body: role },
  },
  deleteRole: {
    ...routes.deleteRole,
    summary: "Delete a role that nobody has",
    permission: { resource: "roles", verb: "delete" },
    success: { status: 204, body: null },
  },
  ...groupOperations,
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
