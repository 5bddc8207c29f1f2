import { type Kysely, sql } from "kysely";

/**
 * A name that was free again may be another owner's: versions from before the definition was created are not shown. Of those that
 * there are the first one has the definition's own time; where none has, what it says now is all that is shown.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("definition")
    .addColumn("first_version", "bigint", (column) => column.notNull().defaultTo(1))
    .execute();
  await sql`update definition set first_version = coalesce((
    select max(past.version) from definition_version as past
    where past.kind = definition.kind and past.name = definition.name and past.at = definition.created_at
  ), version)`.execute(db);
}
