import { BerthError, type Permission } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { noteRefusal } from "../access/note-refusal.ts";
import type { Context } from "../context.ts";

type Parts = Pick<Context, "access" | "policy">;

const use: Permission = { resource: "engines", verb: "execute" };

/** Engines are granted by name; what the setting names everybody may use. Throws ENGINE_NOT_ALLOWED. */
export async function demandEngine(
  { access, policy, audit }: Parts & Pick<Context, "audit">,
  { caller, name, what = "Cannot submit job" }: { caller: Caller; name: string; what?: string },
): Promise<void> {
  if (isForAll(policy, name)) return;
  if (await access.allows(caller, use, { called: name })) return;
  noteRefusal({ audit }, caller, { permission: use, name });
  throw new BerthError(
    "ENGINE_NOT_ALLOWED",
    `${what}: "${caller.principal.name}" may not use engine "${name}"`,
  );
}

function isForAll({ enginesAllowed = ["*"] }: Parts["policy"], name: string): boolean {
  return enginesAllowed.includes("*") || enginesAllowed.includes(name);
}

/** The setting by which everybody may use this engine or network profile; null for none. */
export function settingFor(
  policy: Parts["policy"],
  { resource, name }: { resource: string; name: string | undefined },
): string | null {
  if (name === undefined) return null;
  if (resource === "engines" && isForAll(policy, name)) return "BERTH_ENGINES_ALLOWED";
  if (resource === "networks" && policy.network.allowed.includes(name)) return "BERTH_NETWORK_ALLOWED";
  return null;
}
