import type { BerthError } from "@berth/protocol";
import type { DatabaseUrl } from "../../core/database-address.ts";
import { sql } from "kysely";
import { Fence } from "../../lib/time/fence.ts";
import type { Database } from "../queries/database.ts";
import { JobQueries } from "../queries/job/jobs.ts";
import { Lease } from "../queries/live/lease.ts";
import { newServerId } from "../queries/live/server-id.ts";
import { Watchers } from "../queries/live/watchers.ts";
import { probe } from "../queries/live/probe.ts";
import type { Tables } from "../queries/tables.ts";
import { nounQueries } from "../queries/noun-queries.ts";
import { stageQueries } from "../queries/stages/stages.ts";
import { type AuditTrail, unkeptTrail } from "../audit-trail.ts";
import type { Store } from "../store.ts";
import { connectionConfig, newInstanceName } from "./connect.ts";
import { ACCESS_CHANNEL } from "./owner/ownership.ts";
import { queryBuilder } from "./dialect.ts";
import { inspectPostgres } from "./inspect.ts";
import { migrate } from "./migrate.ts";
import { FENCE_MS, outliveOthers } from "./owner/outlive.ts";
import { Reader } from "./reader.ts";
import { ReadingPool } from "./reading-pool.ts";
import { Session, type SessionOptions } from "./session.ts";
import { Writer } from "./writer.ts";

export interface PostgresOptions {
  url: DatabaseUrl;
  /** Epoch milliseconds. Default `Date.now`. */
  now?: () => number;
  /** Hears when the database was lost, and, with null, when it is there again. Default: nobody. */
  report?: (lost: Error | null) => void;
  beat?: SessionOptions["beat"];
  /** How long jobs stay this server's while it does not say that it lives. Default 60 s. */
  leaseMs?: number;
  /** What audit records are sealed with. Default: a key that nobody keeps. */
  trail?: AuditTrail;
  /** What the data folder beside it is known by. Default: all servers have the same. */
  folder?: string | null;
}

/** Connections that read. A read takes a fraction of a millisecond: more would only wait at the database. */
const READERS = 8;

/**
 * Opens the store in PostgreSQL; makes and migrates its tables where needed. One connection writes, and holds the lock by
 * which one server at a time has the database; a pool reads. Throws DATABASE_UNAVAILABLE, DATABASE_IN_USE, STORAGE_FAILED.
 */
export async function openPostgresStore({
  url,
  now = Date.now,
  report = () => undefined,
  beat,
  leaseMs = 60_000,
  trail = unkeptTrail(),
  folder = null,
}: PostgresOptions): Promise<Store> {
  const instance = newInstanceName();
  const server = newServerId(folder);
  const lost = new AbortController();
  await using opening = new AsyncDisposableStack();
  const fence = opening.use(new Fence({ holdsMs: FENCE_MS }));
  const pool = new ReadingPool({ ...connectionConfig(url, instance), max: READERS });
  opening.defer(() => pool.end());
  const [watchers, accessWatchers] = [new Watchers(), new Watchers()];
  let jobs: JobQueries | null = null;
  let writer: Writer | null = null;
  const session = opening.use(
    await Session.open({
      url,
      instance,
      prepare: () => prepare(pool, { url, server }),
      fence,
      onChange: (id) => jobs?.changedElsewhere(id),
      onAccess: () => accessWatchers.notifyAll(),
      onGap: () => jobs?.forgetWhatWasKnown(),
      onAway: (error) => writer?.refuseWaiting(error),
      onTaken: (error: BerthError) => lost.abort(error),
      report: (away) => pool.hear(away, report),
      ...(beat && { beat }),
    }),
  );
  const writes = opening.use(new Writer(session, { url, instance, trail }));
  writer = writes;
  const reader = new Reader(pool, { session, url });
  const database = databaseOf({ reader, writes, now, server });
  const lease = opening.use(new Lease(database, { termMs: leaseMs, onLost: () => session.giveUp() }));
  await lease.take();
  const queries = new JobQueries(database, watchers);
  jobs = queries;
  await queries.countEnded();
  const open = opening.move();
  return {
    jobs: queries,
    stages: stageQueries(database, watchers),
    ...nounQueries(database),
    subscribe: (jobId, listener) => watchers.add(jobId, listener),
    subscribeAccess: (listener) => accessWatchers.add(ACCESS_CHANNEL, listener),
    ping: () => probe(database),
    inspect: () => inspectPostgres({ session, url, instance, database }),
    owned: () => owned(session, lease),
    fence,
    closing: () => session.hurry(),
    lost: lost.signal,
    [Symbol.asyncDispose]: () => close({ session, lease, writes, queries, open }),
  };
}

interface Open {
  session: Session;
  lease: Lease;
  writes: Writer;
  queries: JobQueries;
  open: AsyncDisposable;
}

async function close({ session, lease, writes, queries, open }: Open): Promise<void> {
  session.hurry();
  // Who comes next need not wait for this one. Where it cannot be said, the next one does.
  await lease.end().catch(() => undefined);
  await writes.drain();
  queries.close();
  await open[Symbol.asyncDispose]();
}

async function prepare(
  pool: ReadingPool,
  { url, server }: { url: DatabaseUrl; server: string },
): Promise<void> {
  await migrate(pool, url);
  await outliveOthers(pool, server);
}

function databaseOf({
  reader,
  writes,
  now,
  server,
}: {
  reader: Reader;
  writes: Writer;
  now: () => number;
  server: string;
}): Database {
  return {
    build: queryBuilder<Tables>(),
    read: (query) => reader.read(query),
    write: (steps) => writes.write(steps),
    now,
    server,
    clock: sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  };
}

/** Whoever holds the lease may have lost the connection meanwhile. */
async function owned(session: Session, lease: Lease): Promise<void> {
  await session.owner();
  await lease.hold();
  await session.owner();
}
