import { exitCodes } from "../../../core/exit-codes.ts";
import { UsageError } from "../../../core/usage-error.ts";
import type { AuditAction } from "./audit-action.ts";

export async function cutAudit({ flags, cli }: AuditAction): Promise<number> {
  if (flags.before === undefined)
    throw new UsageError(
      "Cannot cut: there is no --before",
      "Say up to when: `--before 2026-01-01T00:00:00Z`",
    );
  const berth = await cli.connect();
  const { cuts } = await berth.audit.cut({ before: flags.before });
  if (flags.json) await cli.out.json(cuts);
  else if (cuts.length === 0) await cli.err.line("berth: nothing is that old");
  else for (const { chain, block } of cuts) await cli.out.line(`${chain} up to block ${block}`);
  return exitCodes.ok.code;
}
