import { sql } from "kysely";
import { Fence } from "../../lib/time/fence.ts";
import type { Database } from "../queries/database.ts";
import { JobQueries } from "../queries/job/jobs.ts";
import { probe } from "../queries/live/probe.ts";
import type { Tables } from "../queries/tables.ts";
import { nounQueries } from "../queries/noun-queries.ts";
import { stageQueries } from "../queries/stages/stages.ts";
import { Lease } from "../queries/live/lease.ts";
import { newServerId } from "../queries/live/server-id.ts";
import { Watchers } from "../queries/live/watchers.ts";
import { type AuditTrail, unkeptTrail } from "../audit-trail.ts";
import type { Store } from "../store.ts";
import { inspectSqlite } from "./inspect.ts";
import { kyselyOver } from "./dialect.ts";
import { migrate } from "./migrate.ts";
import { Reader } from "./reader.ts";
import { translateError } from "./translate-error.ts";
import { Writer } from "./writer.ts";

export interface SqliteOptions {
  /** The database file, in a folder that exists. `-wal` and `-shm` lie beside it while it is open. */
  path: string;
  /** Epoch milliseconds. Default `Date.now`. */
  now?: () => number;
  /** What audit records are sealed with. Default: a key that nobody keeps. */
  trail?: AuditTrail;
}

/**
 * Opens the embedded store; makes and migrates it where needed. Two connections: a thread writes, this thread
 * reads. Only one server may use a database at a time: take `lockDataDir` first.
 * Throws STORAGE_FAILED, with one sentence that says why.
 */
export async function openSqliteStore({
  path,
  now = Date.now,
  trail = unkeptTrail(),
}: SqliteOptions): Promise<Store> {
  await migrate(path);
  await using opening = new AsyncDisposableStack();
  const writer = opening.use(await Writer.open(path, { trail }));
  // Opened last and closed first: the writer, as the last to close, puts the log back into the database.
  const reader = opening.use(openReader(path));
  const database: Database = {
    build: kyselyOver<Tables>(reader.database),
    read: async (query) => reader.read(query),
    write: (steps) => writer.write(steps),
    now,
    server: newServerId(),
    clock: sql`cast(unixepoch('subsec') * 1000 as integer)`,
  };
  // The lock of the data folder is the lease: it ends with the process, and needs no renewal.
  using lease = new Lease(database, { termMs: null, onLost: () => undefined });
  await lease.take();
  const watchers = new Watchers();
  const jobs = new JobQueries(database, watchers);
  await jobs.countEnded();
  const open = opening.move();
  return {
    jobs,
    stages: stageQueries(database, watchers),
    ...nounQueries(database),
    subscribe: (jobId, listener) => watchers.add(jobId, listener),
    // Nobody else has the file: the lock of the data folder is this server's.
    subscribeAccess: () => () => undefined,
    ping: () => probe(database),
    inspect: () => inspectSqlite(database, path),
    // The lock of the data folder is the kernel's: it is held for as long as this process lives.
    owned: () => Promise.resolve(),
    fence: new Fence({ holdsMs: null }),
    closing: () => undefined,
    lost: new AbortController().signal,
    async [Symbol.asyncDispose]() {
      // What is being written may have to read before it is answered.
      await writer.drain();
      jobs.close();
      await open[Symbol.asyncDispose]();
    },
  };
}

function openReader(path: string): Reader {
  try {
    return new Reader(path);
  } catch (error) {
    throw translateError(error, `Cannot open database "${path}"`);
  }
}
