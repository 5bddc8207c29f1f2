import { BerthError } from "@berth/protocol";
import type { Client } from "pg";
import type { DatabaseUrl } from "../../../core/database-address.ts";
import { sleep } from "../../../lib/clock.ts";

/** The lock of a database that belongs to a server: "BRTH", and the first of its kind. */
const LOCK = [0x42525448, 1] as const;
/** Changes of jobs, and of who may come in. */
export const ACCESS_CHANNEL = "berth_access";
const LISTEN = `LISTEN berth_job; LISTEN ${ACCESS_CHANNEL}`;
/** A server that was killed is gone from the database's list a moment later. */
const LOCK_WAIT_MS = 3000;
const LOCK_LOOK_MS = 50;

interface Claimant {
  url: DatabaseUrl;
  instance: string;
}

/**
 * Takes the lock for as long as the connection lives. What this very server has left behind, on a connection that the
 * database does not know to be lost, is ended first. `patient` waits a moment for another server to be gone.
 * Throws DATABASE_IN_USE.
 */
export async function takeLock(
  client: Client,
  { url, instance, patient }: Claimant & { patient: boolean },
): Promise<void> {
  await client.query(SETTINGS);
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS taken", [
      ...LOCK,
    ]);
    if (rows[0]?.taken === true) return;
    const holder = await holderOf(client);
    const isOwn = holder?.name === instance;
    if (isOwn && performance.now() <= deadline)
      await client.query("SELECT pg_terminate_backend($1)", [holder.pid]);
    // Who held it has just gone.
    else if (holder !== null && (!patient || performance.now() > deadline)) throw inUse(url, holder.name);
    else if (performance.now() > deadline) throw inUse(url, null);
    await sleep(LOCK_LOOK_MS);
  }
}

/**
 * A commit is on disk before anybody hears of it, and a server that was cut off gives the lock back within some twelve
 * seconds, also while an answer is on its way to it, whatever the database's own settings.
 */
const SETTINGS = `SELECT
  CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END,
  set_config('statement_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false),
  set_config('tcp_keepalives_idle', '6', false), set_config('tcp_keepalives_interval', '2', false),
  set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '12000', false)`;

/** Who has the lock; null where nobody has. */
export async function holderOf(client: Client): Promise<{ pid: number; name: string | null } | null> {
  const { rows } = await client.query<{ pid: number; name: string | null }>(
    `SELECT pid, application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [...LOCK],
  );
  return rows[0] ?? null;
}

function inUse(url: DatabaseUrl, holder: string | null): BerthError {
  const who = holder === null || holder === "" ? "another server" : `another server (${holder})`;
  return new BerthError("DATABASE_IN_USE", `Cannot use database "${url.name}": ${who} is using it`);
}

/** Says who has the database from now on, and listens. Every write of anybody before fails from now on. */
export async function claimFirst(client: Client, instance: string): Promise<string> {
  await client.query(
    `INSERT INTO berth_server (id, holder, batch) VALUES (1, $1, '')
     ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, batch = ''`,
    [instance],
  );
  await client.query(LISTEN);
  return "";
}

/** After a lost connection; returns the last batch of writes that is stored. Throws DATABASE_IN_USE. */
export async function claimAgain(client: Client, { url, instance }: Claimant): Promise<string> {
  // A write: a server that takes none is of no use.
  const { rows } = await client.query<{ batch: string }>(
    "UPDATE berth_server SET holder = holder WHERE id = 1 AND holder = $1 RETURNING batch",
    [instance],
  );
  if (rows[0] === undefined) throw takenOver(url);
  await client.query(LISTEN);
  return rows[0].batch;
}

export function takenOver(url: DatabaseUrl): BerthError {
  return new BerthError(
    "DATABASE_IN_USE",
    `Cannot use database "${url.name}": another server has taken it over`,
  );
}
