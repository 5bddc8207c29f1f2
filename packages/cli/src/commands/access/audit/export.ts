import { exitCodes } from "../../../core/exit-codes.ts";
import { type AuditAction, filterOf } from "./audit-action.ts";

export async function exportAudit(action: AuditAction): Promise<number> {
  const { cli } = action;
  const berth = await cli.connect();
  for await (const bytes of berth.audit.export(filterOf(action))) await cli.out.write(bytes);
  return exitCodes.ok.code;
}
