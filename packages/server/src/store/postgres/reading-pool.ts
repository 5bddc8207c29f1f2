import { type ClientConfig, Pool, type PoolClient } from "pg";

/** A pool of connections that read, which end together with the one that writes. */
export class ReadingPool extends Pool {
  readonly #made = new Set<PoolClient>();

  constructor(config: ClientConfig & { max: number }) {
    super(config);
    // One that is lost while nobody uses it: the next read takes another.
    this.on("error", () => undefined);
    this.on("connect", (client) => this.#made.add(client));
    this.on("remove", (client) => this.#made.delete(client));
  }

  /**
   * The connection that writes was lost, or, with null, is there again: passed on to `report`. A loss ends those that read
   * at once: where the way to the database was cut without a word, a read would wait on one for as long as a query may
   * take. What was under way is read again on another.
   */
  hear(lost: Error | null, report: (lost: Error | null) => void): void {
    if (lost !== null) for (const client of this.#made) client.connection.stream.destroy();
    report(lost);
  }
}
