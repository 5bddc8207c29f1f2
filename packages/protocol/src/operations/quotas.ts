import { routes } from "../routes.ts";
import { quota, quotaKind, quotaList, setQuotaBody } from "../schemas/access/quota.ts";
import type { Operation } from "./operation.ts";

export const quotaOperations = {
  listQuotas: {
    ...routes.listQuotas,
    summary: "List what bounds the jobs of whom, and what is used of it",
    permission: { resource: "quotas", verb: "list" },
    success: { status: 200, body: quotaList },
  },
  getQuota: {
    ...routes.getQuota,
    summary: "What bounds the jobs of a principal, or of a group together",
    permission: { resource: "quotas", verb: "read" },
    query: quotaKind,
    success: { status: 200, body: quota },
  },
  setQuota: {
    ...routes.setQuota,
    summary: "Bound what a principal, or the members of a group together, run, submit and keep",
    permission: { resource: "quotas", verb: "update" },
    query: quotaKind,
    body: setQuotaBody,
    success: { status: 200, body: quota },
  },
  deleteQuota: {
    ...routes.deleteQuota,
    summary: "Take the bounds of a principal or of a group away",
    permission: { resource: "quotas", verb: "delete" },
    query: quotaKind,
    success: { status: 204, body: null },
  },
} as const satisfies Record<string, Operation>;
