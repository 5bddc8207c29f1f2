import { BerthError } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

type Parts = Pick<Context, "access" | "policy">;

/** Engines are granted by name; what the setting names everybody may use. Throws ENGINE_NOT_ALLOWED. */
export async function demandEngine(
  { access, policy }: Parts,
  { caller, name, what = "Cannot submit job" }: { caller: Caller; name: string; what?: string },
): Promise<void> {
  if (isForAll(policy, name)) return;
  if (await access.allows(caller, { resource: "engines", verb: "execute" }, { called: name })) return;
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
