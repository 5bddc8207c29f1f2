import { type Kysely, sql } from "kysely";

/**
 * Who is told of a job's end stands with the job; what is sent by it are rows that come with the end, and each attempt at one is noted
 * before it is made.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("job").addColumn("callbacks", "text").execute();
  await db.schema
    .createTable("delivery")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("lane", "text", (column) => column.notNull())
    .addColumn("url", "text", (column) => column.notNull())
    .addColumn("secret", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("put_off_at", "bigint")
    .addColumn("attempts", "bigint", (column) => column.notNull())
    .addColumn("tries", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("done_at", "bigint")
    .execute();
  await db.schema
    .createTable("delivery_attempt")
    .addColumn("delivery_id", "text", (column) =>
      column.notNull().references("delivery.id").onDelete("cascade"),
    )
    .addColumn("n", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    .addColumn("address", "text")
    .addColumn("status", "bigint")
    .addColumn("why", "text")
    .addPrimaryKeyConstraint("delivery_attempt_key", ["delivery_id", "n"])
    .execute();
  await db.schema.createIndex("delivery_by_job").on("delivery").column("job_id").execute();
  await sql`create index delivery_by_next on delivery (next_at) where state = 'pending'`.execute(db);
  await sql`create index delivery_by_lane on delivery (lane, next_at, id) where state = 'pending'`.execute(
    db,
  );
  await sql`create index delivery_by_put_off on delivery (put_off_at) where state = 'pending'`.execute(db);
}
