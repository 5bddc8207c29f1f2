import { setImmediate as nextTurn } from "node:timers/promises";
import type { BindingStore, StoredBinding } from "../../store.ts";
import type { Database } from "../database.ts";
import type { RoleBindingTable } from "../tables.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";

/** There may be thousands, which are read again with each change: others have their turn between two of these. */
const MOST_IN_TURN = 500;

export function bindingQueries(db: Database): BindingStore {
  const { build } = db;
  return {
    async list() {
      const found: StoredBinding[] = [];
      const some = build.selectFrom("role_binding").selectAll().orderBy("id").limit(MOST_IN_TURN);
      for (let after = ""; ; ) {
        const rows = await db.read(some.where("id", ">", after).compile());
        found.push(...rows.map(fromRow));
        const last = rows[MOST_IN_TURN - 1];
        if (last === undefined) return found;
        after = last.id;
        await nextTurn();
      }
    },
    async insert(binding) {
      const row = toRow(binding);
      const query = build
        .insertInto("role_binding")
        .values(row)
        .onConflict((conflict) => conflict.columns(["kind", "subject", "role"]).doNothing())
        .compile();
      const find = build
        .selectFrom("role_binding")
        .selectAll()
        .where("kind", "=", row.kind)
        .where("subject", "=", row.subject)
        .where("role", "=", row.role)
        .compile();
      for (;;) {
        if ((await db.write([{ query, exactly: 1 }])).done) return binding;
        const [found] = await db.read(find);
        if (found !== undefined) return fromRow(found);
        // The one that stood in the way was deleted since.
      }
    },
    async delete(id) {
      const query = build.deleteFrom("role_binding").where("id", "=", id).compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
  };
}

function toRow({ id, role, kind, subject, createdAt }: StoredBinding): RoleBindingTable {
  return { id, role: toColumn(role), kind, subject: toColumn(subject), created_at: createdAt };
}

function fromRow({ id, role, kind, subject, created_at }: RoleBindingTable): StoredBinding {
  return { id, role: fromColumn(role), kind, subject: fromColumn(subject), createdAt: created_at };
}
