import type { ShippingStore } from "../../audit-store.ts";
import type { Database } from "../database.ts";

export function shippingQueries(db: Database): ShippingStore {
  const { build, server } = db;
  return {
    async claim(name) {
      const living = build.selectFrom("server_lease").select("id").where("until", ">", db.clock);
      const there = build
        .insertInto("audit_target")
        .values({ name, holder: server })
        .onConflict((conflict) => conflict.column("name").doNothing());
      const taken = build
        .updateTable("audit_target")
        .set({ holder: server })
        .where("name", "=", name)
        .where((is) => is.or([is("holder", "=", server), is("holder", "not in", living)]));
      const written = await db.write([{ query: there.compile() }, { query: taken.compile(), exactly: 1 }]);
      return written.done;
    },
    async positions(target) {
      const query = build.selectFrom("audit_position").selectAll().where("target", "=", target);
      const rows = await db.read(query.compile());
      return new Map(rows.map(({ chain, seq, n }) => [chain, { seq, n }]));
    },
    async advance(target, { chain, seq, n }) {
      // It writes what is there already: another server's claim is before this transaction or behind it, never beside it.
      const own = build
        .updateTable("audit_target")
        .set({ holder: server })
        .where("name", "=", target)
        .where("holder", "=", server);
      const position = build
        .insertInto("audit_position")
        .values({ target, chain, seq, n })
        .onConflict((conflict) => conflict.columns(["target", "chain"]).doUpdateSet({ seq, n }));
      const written = await db.write([{ query: own.compile(), exactly: 1 }, { query: position.compile() }]);
      return written.done;
    },
  };
}
