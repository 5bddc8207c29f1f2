import type { AuditVerification } from "@berth/sdk";
import { exitCodes } from "../../../core/exit-codes.ts";
import type { AuditAction } from "./audit-action.ts";

export async function verifyAudit({ flags, cli }: AuditAction): Promise<number> {
  const berth = await cli.connect();
  const problems: AuditVerification["problems"] = [];
  let [blocks, records] = [0, 0];
  let cursor: string | undefined;
  do {
    const part = await berth.audit.verify({ cursor });
    blocks += part.blocks;
    records += part.records;
    problems.push(...part.problems);
    cursor = part.next ?? undefined;
  } while (cursor !== undefined);
  if (flags.json) await cli.out.json({ blocks, records, problems });
  else {
    for (const { kind, message } of problems) await cli.out.line(`${kind}: ${message}`);
    const found = problems.length === 0 ? "all as they were stored" : `${problems.length} problems`;
    await cli.out.line(`${records} records in ${blocks} blocks: ${found}`);
  }
  return problems.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}
