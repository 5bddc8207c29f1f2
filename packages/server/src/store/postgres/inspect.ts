import { CompiledQuery } from "kysely";
import type { Client } from "pg";
import type { DatabaseUrl } from "../../core/database-address.ts";
import type { Database } from "../queries/database.ts";
import { probe } from "../queries/live/probe.ts";
import type { DatabaseReport } from "../database-report.ts";
import { migrations } from "../migrations/migrations.ts";
import { holderOf } from "./owner/ownership.ts";
import type { Session } from "./session.ts";
import { translateError } from "./translate-error.ts";

interface InspectOptions {
  session: Session;
  /** Reads beside the connection that writes. */
  database: Database;
  url: DatabaseUrl;
  instance: string;
}

/** Somebody waits for the answer, and is better told that none came. */
const ANSWER_MS = 5000;

/** Asks on the connection that writes: its settings are those that count. What takes long is asked beside it. */
export async function inspectPostgres({
  session,
  database,
  url,
  instance,
}: InspectOptions): Promise<DatabaseReport> {
  const report: DatabaseReport = {
    kind: "postgres",
    place: url.name,
    failure: null,
    version: null,
    migrations: null,
    holder: null,
    sizeBytes: null,
    disk: null,
    connections: null,
    durability: [],
  };
  try {
    const { client } = await session.owner();
    Object.assign(report, await factsOf(client));
    const holder = await holderOf(client);
    report.holder = holder && {
      isThisServer: holder.name === instance,
      name: holder.name ?? "nobody knows who",
    };
    report.sizeBytes = await sizeOf(database);
    await probe(database);
  } catch (error) {
    report.failure = translateError(error, `Cannot use database "${url.name}"`);
  }
  return report;
}

/** Looks at each file of the database: with a large one on a cold disk nobody could write meanwhile. */
async function sizeOf(database: Database): Promise<number | null> {
  const question = "SELECT pg_database_size(current_database()) AS size";
  const [row] = await database.read<{ size: number }>(CompiledQuery.raw(question));
  return row?.size ?? null;
}

async function factsOf(
  client: Client,
): Promise<Pick<DatabaseReport, "version" | "migrations" | "connections" | "durability">> {
  const question = { text: FACTS, query_timeout: ANSWER_MS };
  const { rows } = await client.query<Facts>(question);
  const [facts] = rows;
  if (facts === undefined) throw new Error("A question without a table has one answer");
  const { version, applied, used, most, commit, fsync, pages } = facts;
  return {
    version: `PostgreSQL ${version}`,
    migrations: { applied, known: Object.keys(migrations).length },
    connections: { used, most },
    durability: [
      { name: "synchronous_commit", value: commit, isDurable: commit !== "off" },
      { name: "fsync", value: fsync, isDurable: fsync === "on" },
      { name: "full_page_writes", value: pages, isDurable: pages === "on" },
    ],
  };
}

interface Facts {
  version: string;
  applied: string[];
  used: number;
  most: number;
  commit: string;
  fsync: string;
  pages: string;
}

const FACTS = `SELECT current_setting('server_version') AS version,
  (SELECT array_agg(name ORDER BY name)::text[] FROM kysely_migration) AS applied,
  (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
  current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint AS most,
  current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync,
  current_setting('full_page_writes') AS pages`;
