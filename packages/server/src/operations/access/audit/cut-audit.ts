import { BerthError, operations } from "@berth/protocol";
import type { ChainPosition } from "../../../audit/audit.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../context.ts";

/** The clock of who asks may be ahead. */
const AHEAD_MS = 60_000;

/** Forgets what is older than this. Throws FORBIDDEN, REQUEST_INVALID of a time that is not yet. */
export async function cutAudit(
  { access, audit, now }: Context,
  { caller, before }: { caller: Caller; before: number },
): Promise<ChainPosition[]> {
  const { permission } = operations.cutAudit;
  await access.demand(caller, permission);
  if (before > now() + AHEAD_MS) throw ofTheFuture();
  return await audit.cut(before, (what) => audit.entry(caller, what));
}

/** Of a year that is mistyped all would go. */
function ofTheFuture(): BerthError {
  const message = "is in the future: all that is recorded would go";
  return new BerthError("REQUEST_INVALID", "Cannot cut the audit", {
    problems: [{ field: "before", message }],
  });
}
