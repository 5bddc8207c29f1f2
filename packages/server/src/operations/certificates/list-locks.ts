import { operations } from "@berth/protocol";
import { foldName } from "../../core/access/fold-name.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { PrincipalLock } from "../../store/certificate-store.ts";
import type { Context } from "../context.ts";

/** The principals that are locked out, by name; of those that the caller may see. */
export async function listLocks(
  { store, access }: Context,
  { caller }: { caller: Caller },
): Promise<PrincipalLock[]> {
  const owner = await access.listed(caller, operations.listLocks.permission);
  const locks = await store.locks.list();
  return owner === null ? locks : locks.filter(({ name }) => foldName(name) === foldName(owner));
}
