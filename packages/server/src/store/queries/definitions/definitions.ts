import { CompiledQuery } from "kysely";
import type { Definition } from "../../../core/task/definition.ts";
import type { DefinitionStore } from "../../../core/task/definition-store.ts";
import type { Database } from "../database.ts";
import type { DefinitionTable } from "../tables.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import { template } from "../words/template.ts";
import { childKinds, definitionWrites } from "./define.ts";
import { definitionVersions } from "./versions.ts";

/** Asked with each run of a task. */
const selectOne = template<Pick<DefinitionTable, "kind" | "name">>((build, { kind, name }) =>
  build.selectFrom("definition").selectAll().where("kind", "=", kind).where("name", "=", name).compile(),
);

export function definitionQueries(db: Database): DefinitionStore {
  return { ...current(db), ...definitionWrites(db), ...definitionVersions(db) };
}

function current(db: Database): Pick<DefinitionStore, "get" | "list" | "belongingTo"> {
  const { build } = db;
  return {
    async get(kind, name) {
      const { sql, parameters } = selectOne(db, { kind, name });
      const [row] = await db.read<DefinitionTable>(CompiledQuery.raw(sql, [...parameters]));
      return row === undefined ? null : fromRow(row);
    },
    async list(kind, { owner, after, limit }) {
      let query = build.selectFrom("definition").selectAll().where("kind", "=", kind);
      if (owner !== null) query = query.where("owner", "=", toColumn(owner));
      if (after !== null) query = query.where("name", ">", after);
      return (await db.read(query.orderBy("name").limit(limit).compile())).map(fromRow);
    },
    async belongingTo(kind, name, limit) {
      const children = childKinds(kind);
      if (children.length === 0) return [];
      const query = build
        .selectFrom("definition")
        .select("name")
        .where("kind", "in", children)
        .where("runner", "=", name)
        .orderBy("name")
        .limit(limit);
      return (await db.read(query.compile())).map(({ name }) => name);
    },
  };
}

function fromRow(row: DefinitionTable): Definition {
  return {
    kind: row.kind,
    name: row.name,
    version: row.version,
    owner: fromColumn(row.owner),
    belongsTo: row.runner,
    spec: row.spec,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    updatedBy: fromColumn(row.updated_by),
  };
}
