import { operations } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Caller } from "../../../core/caller/caller.ts";
import { keyOf } from "../../../core/caller/principal.ts";
import { listAudit } from "../../../operations/access/audit/list-audit.ts";
import type { Context } from "../../../operations/context.ts";
import { userId } from "../ids.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { Refusal } from "../refusal.ts";
import { auditRow } from "../shape/audit-row.ts";

const USUAL = 100;
/** All of them are shown by `/api/v1/audit`. */
const MOST = 1000;
const PAGE = 100;

const all = { account: null, door: null, verb: null, resource: null, name: null, outcome: null } as const;
const ever = { requestId: null, address: null, since: null, until: null } as const;
const missing = { status: 404, error: "audit log not found" };

export function addKritenAuditLogs(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { permission } = operations.listAudit;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/audit_logs", permission },
    async ({ caller, query, reply }) =>
      listed(reply, await newest(context, { caller, most: mostOf(query["max"]) })),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/audit_logs/:record", permission },
    async ({ caller, param }) => {
      const rows = await newest(context, { caller, most: MOST });
      const found = rows.find(({ id }) => id === param("record"));
      if (found === undefined) throw new Refusal("REQUEST_INVALID", missing);
      return found;
    },
  );
}

function mostOf(said: unknown): number {
  if (said === undefined) return USUAL;
  if (typeof said !== "string" || !/^[1-9]\d{0,8}$/.test(said))
    throw new Refusal("REQUEST_INVALID", { status: 400, error: "max must be a number above 0" });
  return Math.min(Number(said), MOST);
}

async function newest(
  context: Context,
  { caller, most }: { caller: Caller; most: number },
): Promise<ReturnType<typeof auditRow>[]> {
  const rows: ReturnType<typeof auditRow>[] = [];
  let cursor: string | null = null;
  do {
    const filter = { ...all, ...ever, limit: Math.min(PAGE, most - rows.length), cursor };
    const page: Awaited<ReturnType<typeof listAudit>> = await listAudit(context, { caller, filter });
    rows.push(...page.items.map((item) => auditRow(item, (name) => userId(context, name))));
    cursor = page.next;
    await context.turns.take(keyOf(caller.principal));
  } while (cursor !== null && rows.length < most);
  return rows;
}
