import type { Kysely } from "kysely";

/**
 * Types that mean the same in SQLite and PostgreSQL: text, bigint (epoch ms, counts), bytea (SQLite keeps
 * bytes as they are under any type name). JSON is text; documents without bound come last in a row, so that
 * reading the small columns does not touch their overflow pages.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createJob(db);
  await createIndexes(db);
  await createEvent(db);
  await createLabel(db);
  await createInput(db);
  await createIdempotency(db);
}

async function createJob(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("job")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("name", "text")
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("engine", "text", (column) => column.notNull())
    .addColumn("handle", "text")
    .addColumn("exit_code", "bigint")
    .addColumn("signal", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("started_at", "bigint")
    .addColumn("ended_at", "bigint")
    .addColumn("deadline_at", "bigint")
    .addColumn("cause", "text")
    .addColumn("stop", "text")
    .addColumn("stop_grace_ms", "integer")
    .addColumn("usage", "text", (column) => column.notNull())
    .addColumn("limits", "text", (column) => column.notNull())
    .addColumn("labels", "text", (column) => column.notNull())
    .addColumn("isolation", "text")
    .addColumn("spec", "text", (column) => column.notNull())
    .addColumn("result", "text")
    .execute();
}

/** One index for each way a list begins; each holds the order of the list, so that a page is read in order. */
async function createIndexes(db: Kysely<unknown>): Promise<void> {
  const onJob = (name: string) => db.schema.createIndex(name).on("job");
  await onJob("job_by_state").columns(["state", "created_at", "id"]).execute();
  await onJob("job_by_owner").columns(["owner", "state", "created_at", "id"]).execute();
  await onJob("job_by_name").columns(["name", "created_at", "id"]).where("name", "is not", null).execute();
  await onJob("job_by_end").columns(["ended_at", "id"]).where("ended_at", "is not", null).execute();
}

async function createEvent(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("job_event")
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("cause", "text")
    .addColumn("exit_code", "bigint")
    .addColumn("deadline_at", "bigint")
    .addPrimaryKeyConstraint("job_event_key", ["job_id", "seq"])
    .execute();
}

async function createLabel(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("job_label")
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("job_label_key", ["job_id", "key"])
    .execute();
  await db.schema
    .createIndex("job_label_by_value")
    .on("job_label")
    .columns(["key", "value", "created_at", "job_id"])
    .execute();
}

async function createInput(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("job_input")
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("content", "bytea", (column) => column.notNull())
    .addPrimaryKeyConstraint("job_input_key", ["job_id", "seq"])
    .execute();
}

/** The reference is checked at the commit: the key is taken before its job is inserted, so that a loser does no work. */
async function createIdempotency(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("idempotency")
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("request_hash", "text", (column) => column.notNull())
    .addColumn("job_id", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("idempotency_key", ["owner", "key"])
    .addForeignKeyConstraint("idempotency_job", ["job_id"], "job", ["id"], (constraint) =>
      constraint.onDelete("cascade").deferrable().initiallyDeferred(),
    )
    .execute();
  await db.schema.createIndex("idempotency_by_job").on("idempotency").columns(["job_id"]).execute();
}
