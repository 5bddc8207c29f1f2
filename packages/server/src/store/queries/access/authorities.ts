import type { AuthorityStore, KnownAuthority } from "../../certificate-store.ts";
import type { Database, Step } from "../database.ts";

export function authorityQueries(db: Database): AuthorityStore {
  return {
    async list() {
      const rows = await db.read(db.build.selectFrom("authority").selectAll().orderBy("serial").compile());
      return rows.map(({ serial, trusted_from }) => ({ serial, trustedFrom: trusted_from }));
    },
    async remember(authority) {
      await db.write(authoritySteps(db, [authority]));
    },
  };
}

/** What is known of an authority stays. */
export function authoritySteps({ build }: Database, authorities: readonly KnownAuthority[]): Step[] {
  return authorities.map(({ serial, trustedFrom }) => ({
    query: build
      .insertInto("authority")
      .values({ serial, trusted_from: trustedFrom })
      .onConflict((conflict) => conflict.column("serial").doNothing())
      .compile(),
  }));
}
