import { routes } from "../routes.ts";
import {
  auditCut,
  auditList,
  auditVerification,
  cutAuditBody,
  exportAuditQuery,
  listAuditQuery,
  verifyAuditQuery,
} from "../schemas/access/audit.ts";
import type { Operation } from "./operation.ts";

export const auditOperations = {
  listAudit: {
    ...routes.listAudit,
    summary: "List what happened, newest first",
    permission: { resource: "audit", verb: "list" },
    query: listAuditQuery,
    success: { status: 200, body: auditList },
  },
  exportAudit: {
    ...routes.exportAudit,
    summary: "Send all records, oldest first, as lines of JSON",
    permission: { resource: "audit", verb: "read" },
    query: exportAuditQuery,
    success: { status: 200, body: null, mediaTypes: ["application/x-ndjson"] },
  },
  verifyAudit: {
    ...routes.verifyAudit,
    summary: "Look whether every record is there as it was stored, a part at a time",
    permission: { resource: "audit", verb: "read" },
    query: verifyAuditQuery,
    success: { status: 200, body: auditVerification },
  },
  cutAudit: {
    ...routes.cutAudit,
    summary: "Forget the oldest records, and record that",
    permission: { resource: "audit", verb: "delete" },
    body: cutAuditBody,
    success: { status: 200, body: auditCut },
  },
} as const satisfies Record<string, Operation>;
