import type { DefinitionKind, DefinitionVersion } from "../../../core/task/definition.ts";
import type { DefinitionStore } from "../../../core/task/definition-store.ts";
import type { Database, Step } from "../database.ts";
import type { DefinitionVersionTable } from "../tables.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";

/** What definitions that are there have said. Never changes. */
export function definitionVersions(db: Database): Pick<DefinitionStore, "version" | "versions"> {
  /** Of the definition that has the name now: another of that name, which is gone, may have been somebody else's. */
  const all = (kind: DefinitionKind, name: string) =>
    db.build
      .selectFrom("definition_version")
      .selectAll()
      .where("kind", "=", kind)
      .where("name", "=", name)
      .where("version", ">=", (is) =>
        is.selectFrom("definition").select("first_version").where("kind", "=", kind).where("name", "=", name),
      );
  return {
    async versions(kind, name, { before, limit }) {
      let query = all(kind, name);
      if (before !== null) query = query.where("version", "<", before);
      return (await db.read(query.orderBy("version", "desc").limit(limit).compile())).map(fromRow);
    },
    async version(kind, name, version) {
      const query = all(kind, name).where("version", "=", version);
      const [row] = await db.read(query.compile());
      return row === undefined ? null : fromRow(row);
    },
  };
}

export function insertVersion(
  { build }: Database,
  { by, ...version }: DefinitionVersion & { kind: DefinitionKind; name: string },
): Step {
  const row: DefinitionVersionTable = { ...version, by: toColumn(by) };
  return { query: build.insertInto("definition_version").values(row).compile() };
}

export function dropVersions(
  { build }: Database,
  { kind, name, upTo }: { kind: DefinitionKind; name: string; upTo: number },
): Step {
  const query = build
    .deleteFrom("definition_version")
    .where("kind", "=", kind)
    .where("name", "=", name)
    .where("version", "<=", upTo)
    .compile();
  return { query };
}

function fromRow({ version, spec, at, by }: DefinitionVersionTable): DefinitionVersion {
  return { version, spec, at, by: fromColumn(by) };
}
