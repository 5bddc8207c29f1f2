import { z } from "zod";

const recordExample = {
  id: "0b6f1a52-6c0e-4b0e-9d4e-3f1f2f6f7a10.17.1",
  at: "2026-01-31T10:00:00.000Z",
  account: "ann",
  door: "rest",
  credential: { kind: "token", id: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7" },
  address: "192.0.2.7",
  requestId: "5f7b2a1e-8f0d-4b43-9a2e-9f7f0b6d7c11",
  verb: "create",
  resource: "bindings",
  name: "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f8",
  outcome: "done",
  changes: [{ field: "role", before: null, after: "viewer" }],
} as const;

const outcome = z.enum(["done", "denied", "failed"]);
const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);

export const auditRecord = z
  .object({
    id: z.string().meta({ description: "Chain, block and number in it" }),
    at: z.iso.datetime(),
    account: z.string().nullable().meta({ description: "Who did it; null where nobody was proven" }),
    door: z.string().meta({
      description:
        "`rest`, `grpc`, `library`, `schedule`, `webhook`, `retry`; `server` for what it does of itself",
    }),
    credential: z.object({ kind: z.string(), id: z.string() }).nullable(),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
    verb: z.string(),
    resource: z.string(),
    name: z.string().nullable().meta({ description: "The object; null where it is about all, or one to be" }),
    outcome,
    count: z.number().int().optional().meta({ description: "So many more of the same within ten seconds" }),
    about: z.record(z.string(), value).optional(),
    changes: z
      .array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() }))
      .optional()
      .meta({ description: "Of a definition: what was changed" }),
  })
  .meta({ id: "AuditRecord", examples: [recordExample] });

export const auditList = z
  .object({ items: z.array(auditRecord), next: z.string().nullable() })
  .meta({ id: "AuditList", examples: [{ items: [recordExample], next: null }] });

const problemExample = {
  kind: "missing",
  chain: "0b6f1a52-6c0e-4b0e-9d4e-3f1f2f6f7a10",
  block: 18,
  message: "Block 17 is missing",
} as const;

export const auditVerification = z
  .object({
    blocks: z.number().int().meta({ description: "That were looked at" }),
    records: z.number().int(),
    problems: z.array(
      z.object({
        kind: z.enum(["changed", "missing", "added", "truncated", "unknown_key"]),
        chain: z.string(),
        block: z.number().int(),
        message: z.string(),
      }),
    ),
    next: z.string().nullable().meta({ description: "The `cursor` of the next part; null at the end" }),
  })
  .meta({
    id: "AuditVerification",
    examples: [{ blocks: 20, records: 31, problems: [problemExample], next: null }],
  });

export const auditCut = z
  .object({
    cuts: z
      .array(z.object({ chain: z.string(), block: z.number().int() }))
      .meta({ description: "The last block of each chain that is gone" }),
  })
  .meta({ id: "AuditCut", examples: [{ cuts: [{ chain: problemExample.chain, block: 11 }] }] });

const word = z.string().max(256).optional();
const moment = z.iso.datetime({ offset: true }).optional();

const filter = {
  account: word,
  door: word,
  verb: word,
  resource: word,
  name: word,
  outcome: outcome.optional(),
  requestId: word,
  address: word,
  since: moment.meta({ description: "From this moment on" }),
  until: moment.meta({ description: "Before this moment" }),
};

export const listAuditQuery = z.strictObject({
  ...filter,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});

export const exportAuditQuery = z.strictObject(filter);

export const verifyAuditQuery = z.strictObject({ cursor: z.string().max(512).optional() });

export const cutAuditBody = z
  .strictObject({ before: z.iso.datetime({ offset: true }) })
  .meta({ examples: [{ before: "2026-01-01T00:00:00Z" }] });

export type AuditRecord = z.infer<typeof auditRecord>;
export type AuditList = z.infer<typeof auditList>;
export type AuditVerification = z.infer<typeof auditVerification>;
export type ExportAuditQuery = z.infer<typeof exportAuditQuery>;
export type AuditCut = z.infer<typeof auditCut>;
