import type { Permission } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Records that somebody may not use what a request names, where no question about an object of somebody's has done so. */
export function noteRefusal(
  { audit }: Pick<Context, "audit">,
  caller: Caller,
  { permission: { verb, resource }, name }: { permission: Permission; name: string },
): void {
  audit.note(audit.entry(caller, { verb, resource, name, outcome: "denied" }));
}
