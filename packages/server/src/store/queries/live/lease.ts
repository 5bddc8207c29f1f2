import { sql } from "kysely";
import type { Database } from "../database.ts";
import { isOfThisFolder } from "./left-elsewhere.ts";

export interface LeaseOptions {
  /** How long it holds from each renewal on; null where it needs none, as something else ends with the server. */
  termMs: number | null;
  /** It is another server's turn: this one's lease was taken away. */
  onLost: () => void;
  /** Milliseconds of this process, for tests. */
  elapsed?: () => number;
}

/** Renewed so many times in a term. */
const RENEWALS = 3;
/** For a lease that needs no renewal: the year 10000 is far. */
const FOREVER = 253_402_300_800_000;

/**
 * That this server lives, in the words of the database: jobs that it has claimed are its own for as long as its lease holds,
 * which is renewed for all of them at once. By the database's clock, so that servers need not agree on theirs; this server
 * itself goes by how long ago it renewed it, by its own.
 */
export class Lease implements Disposable {
  readonly #db: Database;
  readonly #options: LeaseOptions;
  readonly #elapsed: () => number;
  #renewedAt = 0;
  readonly #timer: NodeJS.Timeout | null;

  constructor(db: Database, options: LeaseOptions) {
    this.#db = db;
    this.#options = options;
    this.#elapsed = options.elapsed ?? longestElapsed();
    const { termMs } = options;
    const renew = (): void => void this.#renew().catch(() => undefined);
    this.#timer = termMs === null ? null : setInterval(renew, termMs / RENEWALS).unref();
  }

  /**
   * To be called once this server alone has the database: the leases of all others are over, and the jobs that they had
   * begun are this one's to bring to their end, but for those whose files are in another data folder.
   */
  async take(): Promise<void> {
    const { build, server } = this.#db;
    const at = this.#elapsed();
    await this.#db.write([
      { query: build.deleteFrom("server_lease").compile() },
      { query: build.insertInto("server_lease").values({ id: server, until: this.#until() }).compile() },
      {
        query: build
          .updateTable("job")
          .set({ claimed_by: server })
          .where("state", "in", ["preparing", "running", "stopping"])
          .where((is) => is.or([is("claimed_by", "is", null), is("claimed_by", "!=", server)]))
          .where(isOfThisFolder(server))
          .compile(),
      },
    ]);
    this.#renewedAt = at;
  }

  /** Resolves while it holds; one that is over, as of a process that was stopped for a while, is renewed first. */
  async hold(): Promise<void> {
    const { termMs } = this.#options;
    if (termMs !== null && this.#elapsed() - this.#renewedAt >= termMs) await this.#renew();
  }

  /** This server serves nobody any more: nobody has to wait for the end of its lease. */
  async end(): Promise<void> {
    this[Symbol.dispose]();
    const { build, server } = this.#db;
    await this.#db.write([{ query: build.deleteFrom("server_lease").where("id", "=", server).compile() }]);
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #renew(): Promise<void> {
    const { build, server } = this.#db;
    const at = this.#elapsed();
    const query = build
      .updateTable("server_lease")
      .set({ until: this.#until() })
      .where("id", "=", server)
      .compile();
    const { done } = await this.#db.write([{ query, exactly: 1 }]);
    if (done) this.#renewedAt = at;
    else this.#options.onLost();
  }

  #until() {
    const { termMs } = this.#options;
    return termMs === null ? FOREVER : sql<number>`${this.#db.clock} + ${sql.lit(termMs)}`;
  }
}

/** By the clock that stands still while the host sleeps, or by the one that somebody may set back: whichever says more. */
function longestElapsed(): () => number {
  const [started, date] = [performance.now(), Date.now()];
  return () => Math.max(performance.now() - started, Date.now() - date);
}
