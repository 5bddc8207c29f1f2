import { foldName } from "../../core/access/fold-name.ts";
import type { Store } from "../../store/store.ts";

/** The spellings in which a principal is locked: all are one lock. With the name itself. */
export async function lockedAs({ locks }: Pick<Store, "locks">, name: string): Promise<string[]> {
  const key = foldName(name);
  const stored = (await locks.list()).map((lock) => lock.name);
  return [...new Set([name, ...stored.filter((other) => foldName(other) === key)])];
}
