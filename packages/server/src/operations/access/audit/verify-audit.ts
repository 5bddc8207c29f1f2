import { operations } from "@berth/protocol";
import type { Verified } from "../../../audit/audit.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../context.ts";

/** Looks whether every record is there as it was stored: a part at a time. Throws FORBIDDEN. */
export async function verifyAudit(
  { access, audit }: Context,
  { caller, from }: { caller: Caller; from: Verified["next"] },
): Promise<Verified> {
  await access.demand(caller, operations.verifyAudit.permission);
  return audit.verify(from);
}
