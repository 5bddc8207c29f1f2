import type { Definition } from "../../../core/task/definition.ts";
import type { DefinitionStore } from "../../../core/task/definition-store.ts";
import type { Database } from "../database.ts";
import type { DefinitionTable } from "../tables.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import { childKinds, definitionWrites } from "./define.ts";
import { definitionVersions } from "./versions.ts";

export function definitionQueries(db: Database): DefinitionStore {
  return { ...current(db), ...definitionWrites(db), ...definitionVersions(db) };
}

function current(db: Database): Pick<DefinitionStore, "get" | "list" | "belongingTo"> {
  const { build } = db;
  return {
    async get(kind, name) {
      const query = build.selectFrom("definition").selectAll().where("kind", "=", kind);
      const [row] = await db.read(query.where("name", "=", name).compile());
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
