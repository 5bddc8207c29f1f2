import { type Kysely, sql } from "kysely";

/** What was a file of lines in the folder of keys: certificates with their revocations, and who is locked out. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createCertificate(db);
  await db.schema
    .createTable("authority")
    .addColumn("serial", "text", (column) => column.primaryKey().notNull())
    .addColumn("trusted_from", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("principal_lock")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("locked_at", "bigint", (column) => column.notNull())
    .execute();
}

async function createCertificate(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("certificate")
    .addColumn("serial", "text", (column) => column.primaryKey().notNull())
    .addColumn("cn", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("issuer", "text", (column) => column.notNull())
    .addColumn("not_before", "bigint", (column) => column.notNull())
    .addColumn("not_after", "bigint", (column) => column.notNull())
    .addColumn("issued_at", "bigint", (column) => column.notNull())
    .addColumn("revoked_at", "bigint")
    .execute();
  const index = (name: string) => db.schema.createIndex(name).on("certificate");
  await index("certificate_by_kind").columns(["kind", "issued_at", "serial"]).execute();
  await index("certificate_by_name").columns(["cn", "kind", "issued_at", "serial"]).execute();
  await index("certificate_by_end").columns(["not_after"]).where(sql.ref("revoked_at"), "is", null).execute();
  await index("certificate_revoked")
    .columns(["serial"])
    .where(sql.ref("revoked_at"), "is not", null)
    .execute();
}
