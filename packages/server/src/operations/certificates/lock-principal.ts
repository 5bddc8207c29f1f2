import type { Context } from "../context.ts";
import { authorityOf } from "./authority-of.ts";

/**
 * Refuses every certificate of a principal, those to come included, and ends the calls that are open with one; or lets
 * them in again. Idempotent. For administrators: the permission says so.
 */
export async function lockPrincipal(
  context: Context,
  { name, locked }: { name: string; locked: boolean },
): Promise<{ name: string; locked: boolean }> {
  const { revocations } = authorityOf(context);
  await (locked ? revocations.lock(name) : revocations.unlock(name));
  return { name, locked };
}
