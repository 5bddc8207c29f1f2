import { definitionBounds } from "@berth/protocol";
import { sql } from "kysely";
import { type DefinitionKind, definitionKinds, parentKind } from "../../../core/task/definition.ts";
import type { DefinitionStore } from "../../../core/task/definition-store.ts";
import type { Database, Step } from "../database.ts";
import { deleteSchedule, insertSchedule, moveSchedule } from "./schedule-rows.ts";
import type { DefinitionTable } from "../tables.ts";
import { toColumn } from "../words/exact-text.ts";
import { dropVersions, insertVersion } from "./versions.ts";

/** Each with the version that it makes, and none to a runner or a task that is not there. */
export function definitionWrites(db: Database): Pick<DefinitionStore, "insert" | "change" | "delete"> {
  return { ...insertDefinition(db), ...changeDefinition(db), ...deleteDefinition(db) };
}

function insertDefinition(db: Database): Pick<DefinitionStore, "insert"> {
  const { build } = db;
  return {
    async insert({ kind, name, owner, belongsTo, spec, createdAt, updatedAt, updatedBy, nextAt = null }) {
      const version = await nextVersion(db, kind, name);
      const row: DefinitionTable = {
        kind,
        name,
        version,
        first_version: version,
        owner: toColumn(owner),
        runner: belongsTo,
        spec,
        created_at: createdAt,
        updated_at: updatedAt,
        updated_by: toColumn(updatedBy),
      };
      const query = build
        .insertInto("definition")
        .values(row)
        .onConflict((conflict) => conflict.columns(["kind", "name"]).doNothing())
        .compile();
      const needs = touchParent(db, kind, belongsTo);
      const written = await db.write([
        ...needs,
        { query, exactly: 1 },
        insertVersion(db, { kind, name, version, spec, at: createdAt, by: updatedBy }),
        ...(kind === "schedule" ? [insertSchedule(db, name, nextAt)] : []),
      ]);
      if (written.done) return "done";
      return written.failedStep < needs.length ? "no-parent" : "exists";
    },
  };
}

function changeDefinition(db: Database): Pick<DefinitionStore, "change"> {
  const { build } = db;
  return {
    async change({ kind, name }, { from, spec, belongsTo, at, by, nextAt }) {
      const query = build
        .updateTable("definition")
        .set({ version: from + 1, spec, runner: belongsTo, updated_at: at, updated_by: toColumn(by) })
        .where("kind", "=", kind)
        .where("name", "=", name)
        .where("version", "=", from)
        .compile();
      const needs = touchParent(db, kind, belongsTo);
      const written = await db.write([
        ...needs,
        { query, exactly: 1 },
        insertVersion(db, { kind, name, version: from + 1, spec, at, by }),
        dropVersions(db, { kind, name, upTo: from + 1 - definitionBounds.versions }),
        ...(nextAt === undefined ? [] : [moveSchedule(db, name, nextAt)]),
      ]);
      if (written.done) return "done";
      return written.failedStep < needs.length ? "no-parent" : "changed";
    },
  };
}

function deleteDefinition(db: Database): Pick<DefinitionStore, "delete"> {
  const { build } = db;
  return {
    async delete(kind, name) {
      const children = childKinds(kind);
      const query = build
        .deleteFrom("definition")
        .where("kind", "=", kind)
        .where("name", "=", name)
        // PostgreSQL takes no empty list.
        .$if(children.length > 0, (query) =>
          query.where((is) =>
            is.not(
              is.exists(
                is
                  .selectFrom("definition as bound")
                  .select("bound.name")
                  .where("bound.kind", "in", children)
                  .where("bound.runner", "=", name),
              ),
            ),
          ),
        )
        .compile();
      const rest = kind === "schedule" ? deleteSchedule(db, name) : [];
      if ((await db.write([{ query, exactly: 1 }, ...rest])).done) return "done";
      const [left] = await db.read(
        build
          .selectFrom("definition")
          .select("name")
          .where("kind", "=", kind)
          .where("name", "=", name)
          .compile(),
      );
      return left === undefined ? "missing" : "in-use";
    },
  };
}

/** What belongs to definitions of this kind. */
export function childKinds(kind: DefinitionKind): DefinitionKind[] {
  return definitionKinds.filter((child) => parentKind[child] === kind);
}

/** Fails where there is no such runner, or task: so it cannot go between the look at it and this. */
function touchParent({ build }: Database, kind: DefinitionKind, name: string | null): Step[] {
  const parent = parentKind[kind];
  if (parent === null || name === null) return [];
  const query = build
    .updateTable("definition")
    .set((is) => ({ version: is.ref("version") }))
    .where("kind", "=", parent)
    .where("name", "=", name)
    .compile();
  return [{ query, exactly: 1 }];
}

async function nextVersion(db: Database, kind: DefinitionKind, name: string): Promise<number> {
  const query = db.build
    .selectFrom("definition_version")
    .select(sql<number | null>`max(version)`.as("last"))
    .where("kind", "=", kind)
    .where("name", "=", name);
  const [row] = await db.read(query.compile());
  return Number(row?.last ?? 0) + 1;
}
