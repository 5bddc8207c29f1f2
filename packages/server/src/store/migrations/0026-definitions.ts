import { type Kysely, sql } from "kysely";

/**
 * Runners and tasks, and each version that one has had: what a job was made from stays readable, also when the definition is gone.
 * `runner` is null for a runner. Of a job `task` is null where it is no run of a task.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("definition")
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("runner", "text")
    .addColumn("spec", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("updated_by", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("definition_key", ["kind", "name"])
    .execute();
  await db.schema
    .createTable("definition_version")
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addColumn("spec", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("by", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("definition_version_key", ["kind", "name", "version"])
    .execute();
  await sql`create index definition_by_runner on definition (runner, name) where runner is not null`.execute(
    db,
  );
  await db.schema
    .createIndex("definition_by_owner")
    .on("definition")
    .columns(["kind", "owner", "name"])
    .execute();
  await db.schema.alterTable("job").addColumn("task", "text").execute();
  await db.schema.alterTable("job").addColumn("task_version", "bigint").execute();
  await db.schema.alterTable("job").addColumn("runner_version", "bigint").execute();
}
