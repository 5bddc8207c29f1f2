import { BerthError } from "@berth/protocol";
import { Migrator } from "kysely/migration";
import type { Pool } from "pg";
import type { DatabaseUrl } from "../../core/database-address.ts";
import { migrations } from "../migrations/migrations.ts";
import { newerDatabaseFix } from "../migrations/newer-database.ts";
import { kyselyOver } from "./dialect.ts";

const OLDEST_VERSION = 15;

/**
 * Brings the tables to what this version of Berth expects: the same migrations as for SQLite, and what only a server
 * that others use too needs. Throws STORAGE_FAILED.
 */
export async function migrate(pool: Pool, url: DatabaseUrl): Promise<void> {
  const what = `Cannot open database "${url.name}"`;
  await checkServer(pool, what);
  const applied = await appliedMigrations(pool);
  const unknown = applied.find((name) => !(name in migrations));
  if (unknown !== undefined) {
    throw new BerthError("STORAGE_FAILED", `${what}: a newer Berth has written it (migration "${unknown}")`, {
      fix: newerDatabaseFix,
    });
  }
  if (applied.length < Object.keys(migrations).length) {
    const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
    const { error } = await new Migrator({ db: kyselyOver(pool), provider }).migrateToLatest();
    if (error !== undefined) throw error instanceof Error ? error : new Error(what, { cause: error });
  }
  await pool.query(SHARED);
}

async function checkServer(pool: Pool, what: string): Promise<void> {
  const { rows } = await pool.query<{ version: string; encoding: string }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding",
  );
  const [{ version, encoding } = { version: "", encoding: "" }] = rows;
  if (Number.parseInt(version, 10) < OLDEST_VERSION) {
    throw new BerthError("STORAGE_FAILED", `${what}: it is PostgreSQL ${version}`, {
      fix: `Use PostgreSQL ${OLDEST_VERSION} or newer`,
    });
  }
  if (encoding !== "UTF8") {
    throw new BerthError("STORAGE_FAILED", `${what}: its encoding is ${encoding}`, {
      fix: "Make a database with ENCODING 'UTF8' TEMPLATE template0",
    });
  }
}

async function appliedMigrations(pool: Pool): Promise<string[]> {
  const { rows: found } = await pool.query("SELECT 1 WHERE to_regclass('kysely_migration') IS NOT NULL");
  if (found.length === 0) return [];
  const { rows } = await pool.query<{ name: string }>("SELECT name FROM kysely_migration ORDER BY name");
  return rows.map(({ name }) => name);
}

/** Who has the database and what it wrote last; and word of each change of a job and of
 * who may come in, whoever makes it. Safe to repeat. */
const SHARED = `
  CREATE TABLE IF NOT EXISTS berth_server (
    id integer PRIMARY KEY CHECK (id = 1), holder text NOT NULL, batch text NOT NULL
  ) WITH (fillfactor = 10);
  CREATE OR REPLACE FUNCTION berth_job_changed() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN PERFORM pg_notify('berth_job', coalesce(NEW.id, OLD.id)); RETURN NULL; END
  $body$;
  CREATE OR REPLACE TRIGGER berth_job_changed AFTER INSERT OR UPDATE OR DELETE ON job
    FOR EACH ROW EXECUTE FUNCTION berth_job_changed();
  CREATE OR REPLACE FUNCTION berth_access_changed() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN PERFORM pg_notify('berth_access', TG_TABLE_NAME); RETURN NULL; END
  $body$;
  CREATE OR REPLACE TRIGGER berth_access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON certificate
    FOR EACH STATEMENT EXECUTE FUNCTION berth_access_changed();
  CREATE OR REPLACE TRIGGER berth_access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON principal_lock
    FOR EACH STATEMENT EXECUTE FUNCTION berth_access_changed();
  CREATE OR REPLACE TRIGGER berth_access_changed AFTER INSERT OR UPDATE OR DELETE ON role_binding
    FOR EACH STATEMENT EXECUTE FUNCTION berth_access_changed();
  CREATE OR REPLACE TRIGGER berth_access_changed AFTER DELETE ON token
    FOR EACH STATEMENT EXECUTE FUNCTION berth_access_changed();
  CREATE OR REPLACE TRIGGER berth_access_changed AFTER DELETE ON session
    FOR EACH STATEMENT EXECUTE FUNCTION berth_access_changed();
  CREATE OR REPLACE TRIGGER berth_access_changed AFTER INSERT OR UPDATE OR DELETE ON account
    FOR EACH STATEMENT EXECUTE FUNCTION berth_access_changed();
  CREATE OR REPLACE TRIGGER berth_access_changed AFTER INSERT OR UPDATE OR DELETE ON membership
    FOR EACH STATEMENT EXECUTE FUNCTION berth_access_changed();
  CREATE OR REPLACE TRIGGER berth_access_changed AFTER INSERT OR UPDATE OR DELETE ON quota_bound
    FOR EACH STATEMENT EXECUTE FUNCTION berth_access_changed();
  CREATE OR REPLACE TRIGGER berth_access_changed AFTER INSERT OR UPDATE OR DELETE ON role
    FOR EACH STATEMENT EXECUTE FUNCTION berth_access_changed();`;
