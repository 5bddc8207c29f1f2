import type { GroupStore, Membership } from "../../account-store.ts";
import type { Database, Step } from "../database.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";

export function groupQueries(db: Database): GroupStore {
  const { build } = db;
  return {
    async list() {
      const rows = await db.read(build.selectFrom("user_group").selectAll().orderBy("name_key").compile());
      return rows.map(({ name_key, name, created_at }) => ({
        key: fromColumn(name_key),
        name: fromColumn(name),
        createdAt: created_at,
      }));
    },
    async insert({ key, name, createdAt }) {
      const query = build
        .insertInto("user_group")
        .values({ name_key: toColumn(key), name: toColumn(name), created_at: createdAt })
        .onConflict((conflict) => conflict.column("name_key").doNothing())
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async delete(key) {
      const named = toColumn(key);
      const bindings = build.deleteFrom("role_binding").where("kind", "=", "group");
      const written = await db.write([
        { query: build.deleteFrom("user_group").where("name_key", "=", named).compile(), exactly: 1 },
        { query: bindings.where("subject", "=", named).compile() },
        { query: build.deleteFrom("membership").where("group_key", "=", named).compile() },
      ]);
      return written.done;
    },
    async memberships() {
      const query = build.selectFrom("membership").selectAll().orderBy("group_key").orderBy("member");
      const rows = await db.read(query.orderBy("source").compile());
      return rows.map(({ group_key, member, source }) => ({
        group: fromColumn(group_key),
        member: fromColumn(member),
        source,
      }));
    },
    async add(membership) {
      await db.write(addSteps(db, [membership]));
    },
    async remove({ group, member, source }) {
      const query = build
        .deleteFrom("membership")
        .where("group_key", "=", toColumn(group))
        .where("member", "=", toColumn(member))
        .where("source", "=", source)
        .compile();
      return (await db.write([{ query, exactly: 1 }])).done;
    },
    async replace(member, source, groups) {
      const before = build
        .deleteFrom("membership")
        .where("member", "=", toColumn(member))
        .where("source", "=", source);
      const now = [...new Set(groups)].map((group) => ({ group, member, source }));
      await db.write([{ query: before.compile() }, ...addSteps(db, now)]);
    },
  };
}

function addSteps({ build }: Database, memberships: readonly Membership[]): Step[] {
  return memberships.map(({ group, member, source }) => ({
    query: build
      .insertInto("membership")
      .values({ group_key: toColumn(group), member: toColumn(member), source })
      .onConflict((conflict) => conflict.columns(["group_key", "member", "source"]).doNothing())
      .compile(),
  }));
}
