import type { Client } from "pg";
import type { DatabaseUrl } from "../../core/database-address.ts";
import type { DatabaseReport } from "../database-report.ts";
import { migrations } from "../migrations/migrations.ts";
import { holderOf } from "./ownership.ts";
import type { Session } from "./session.ts";
import { translateError } from "./translate-error.ts";

interface InspectOptions {
  session: Session;
  url: DatabaseUrl;
  instance: string;
  /** Throws where nothing can be written. */
  probe: () => Promise<void>;
}

/** Somebody waits for the answer, and is better told that none came. */
const ANSWER_MS = 5000;

/** Asks on the connection that writes: its settings are those that count. */
export async function inspectPostgres({
  session,
  url,
  instance,
  probe,
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
    await probe();
  } catch (error) {
    report.failure = translateError(error, `Cannot use database "${url.name}"`);
  }
  return report;
}

async function factsOf(
  client: Client,
): Promise<Pick<DatabaseReport, "version" | "migrations" | "sizeBytes" | "connections" | "durability">> {
  const question = { text: FACTS, query_timeout: ANSWER_MS };
  const { rows } = await client.query<Facts>(question);
  const [facts] = rows;
  if (facts === undefined) throw new Error("A question without a table has one answer");
  const { version, applied, size, used, most, commit, fsync, pages } = facts;
  return {
    version: `PostgreSQL ${version}`,
    migrations: { applied, known: Object.keys(migrations).length },
    sizeBytes: size,
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
  size: number;
  used: number;
  most: number;
  commit: string;
  fsync: string;
  pages: string;
}

const FACTS = `SELECT current_setting('server_version') AS version,
  (SELECT array_agg(name ORDER BY name)::text[] FROM kysely_migration) AS applied,
  pg_database_size(current_database()) AS size,
  (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
  current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint AS most,
  current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync,
  current_setting('full_page_writes') AS pages`;
