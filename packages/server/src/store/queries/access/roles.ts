import type { RoleStore, StoredRole } from "../../account-store.ts";
import type { Database } from "../database.ts";

export function roleQueries(db: Database): RoleStore {
  const { build } = db;
  return {
    async list() {
      const rows = await db.read(build.selectFrom("role").selectAll().orderBy("name").compile());
      return rows.map(({ name, rules, created_at, updated_at }) => ({
        name,
        rules: JSON.parse(rules) as StoredRole["rules"],
        createdAt: created_at,
        updatedAt: updated_at,
      }));
    },
    async insert({ name, rules, createdAt, updatedAt }) {
      const query = build
        .insertInto("role")
        .values({ name, rules: JSON.stringify(rules), created_at: createdAt, updated_at: updatedAt })
        .onConflict((conflict) => conflict.column("name").doNothing())
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async update({ name, rules, updatedAt }) {
      const query = build
        .updateTable("role")
        .set({ rules: JSON.stringify(rules), updated_at: updatedAt })
        .where("name", "=", name)
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async delete(name) {
      const given = build.selectFrom("role_binding").select("id").where("role", "=", name);
      const query = build
        .deleteFrom("role")
        .where("name", "=", name)
        .where((where) => where.not(where.exists(given)))
        .compile();
      if ((await db.write([{ query, exactly: 1 }])).done) return "deleted";
      const [found] = await db.read(
        build.selectFrom("role").select("name").where("name", "=", name).compile(),
      );
      return found === undefined ? "missing" : "in-use";
    },
  };
}
