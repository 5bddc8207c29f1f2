import type { AuditRecord } from "@berth/sdk";
import { exitCodes } from "../../../core/exit-codes.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { type AuditAction, filterOf } from "./audit-action.ts";

const PAGE = 200;

export async function listAudit(action: AuditAction): Promise<number> {
  const { flags, cli } = action;
  const most = Number(flags.limit ?? 50);
  if (!Number.isSafeInteger(most) || most < 1)
    throw new UsageError("Cannot list records: --limit is no number", "Say how many: `--limit 200`");
  const berth = await cli.connect();
  const records: AuditRecord[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, most - records.length);
    const { items, next } = await berth.audit.list({ ...filterOf(action), limit, cursor });
    records.push(...items);
    cursor = next ?? undefined;
  } while (cursor !== undefined && records.length < most);
  if (flags.json) await cli.out.json(records);
  else if (records.length === 0) await cli.err.line("berth: no records");
  else {
    const { renderTable } = await import("../../../core/text/table.ts");
    const columns = [
      { title: "AT" },
      { title: "WHO", flexible: true },
      { title: "FROM" },
      { title: "WHAT" },
      { title: "NAME", flexible: true },
      { title: "OUTCOME" },
    ];
    const rows = records.map((record) => [
      record.at,
      record.account ?? "nobody",
      record.address ?? record.door,
      `${record.verb} ${record.resource}`,
      record.name ?? "",
      `${record.outcome}${record.count === undefined ? "" : ` ${record.count} more times`}`,
    ]);
    await cli.out.line(renderTable(columns, rows, { columns: cli.out.columns }));
  }
  return exitCodes.ok.code;
}
