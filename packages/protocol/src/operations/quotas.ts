import { routes } from "../routes.ts";
import { quota, quotaList, setQuotaBody } from "../schemas/access/quota.ts";
import type { Operation } from "./operation.ts";

export const quotaOperations = {
  listQuotas: {
    ...routes.listQuotas,
    summary: "List what bounds the jobs of whom, by name",
    permission: { resource: "quotas", verb: "list" },
    success: { status: 200, body: quotaList },
  },
  setQuota: {
    ...routes.setQuota,
    summary: "Bound how many jobs a principal runs at once, and submits within an hour",
    permission: { resource: "quotas", verb: "update" },
    body: setQuotaBody,
    success: { status: 200, body: quota },
  },
  deleteQuota: {
    ...routes.deleteQuota,
    summary: "Take a principal's bounds away",
    permission: { resource: "quotas", verb: "delete" },
    success: { status: 204, body: null },
  },
} as const satisfies Record<string, Operation>;
