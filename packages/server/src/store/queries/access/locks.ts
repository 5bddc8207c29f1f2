import type { LockStore, PrincipalLock } from "../../certificate-store.ts";
import type { Database, Step } from "../database.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";

export function lockQueries(db: Database): LockStore {
  return {
    async list() {
      const rows = await db.read(db.build.selectFrom("principal_lock").selectAll().orderBy("name").compile());
      return rows.map(({ name, locked_at }) => ({ name: fromColumn(name), lockedAt: locked_at }));
    },
    async lock(lock) {
      await db.write(lockSteps(db, [lock]));
    },
    async unlock(...names) {
      const query = db.build.deleteFrom("principal_lock").where("name", "in", names.map(toColumn)).compile();
      await db.write([{ query }]);
    },
  };
}

/** The first time of a lock stays. */
export function lockSteps({ build }: Database, locks: readonly PrincipalLock[]): Step[] {
  return locks.map(({ name, lockedAt }) => ({
    query: build
      .insertInto("principal_lock")
      .values({ name: toColumn(name), locked_at: lockedAt })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .compile(),
  }));
}
