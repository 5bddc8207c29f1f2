import {
  type ColumnDataType,
  type DataTypeNode,
  DummyDriver,
  Kysely,
  type KyselyPlugin,
  OperationNodeTransformer,
  PostgresAdapter,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
  RawNode,
} from "kysely";
import type { Pool } from "pg";

/** To build queries; runs none. */
export function queryBuilder<Tables>(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}

/** To run migrations, and to copy. */
export function kyselyOver<Tables = unknown>(pool: Pool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins: [new BytewiseText()] });
}

/**
 * Text is compared byte by byte, as in SQLite, whatever the database's language: ids, cursors and the beginnings of
 * ids are searched by order, and most languages do not see the hyphens.
 */
class BytewiseText implements KyselyPlugin {
  readonly #transformer = new TextTypes();

  transformQuery: KyselyPlugin["transformQuery"] = ({ node }) => this.#transformer.transformNode(node);

  transformResult: KyselyPlugin["transformResult"] = ({ result }) => Promise.resolve(result);
}

const TEXT: ColumnDataType = "text";

class TextTypes extends OperationNodeTransformer {
  protected override transformColumnDefinition(
    ...args: Parameters<OperationNodeTransformer["transformColumnDefinition"]>
  ): ReturnType<OperationNodeTransformer["transformColumnDefinition"]> {
    const column = super.transformColumnDefinition(...args);
    const isText =
      column.dataType.kind === "DataTypeNode" && (column.dataType as DataTypeNode).dataType === TEXT;
    return isText ? { ...column, dataType: RawNode.createWithSql('text collate "C"') } : column;
  }
}
