import { BerthError } from "@berth/protocol";
import type { CompiledQuery } from "kysely";
import type { Pool } from "pg";
import { sleep } from "../../lib/clock.ts";
import { backoffMs } from "../../lib/retry.ts";
import type { DatabaseUrl } from "../../core/database-address.ts";
import { isConflict, isConnectionLoss } from "./postgres-failure.ts";
import type { Session } from "./session.ts";
import { statementName } from "./statement-name.ts";
import { translateError } from "./translate-error.ts";

const MOST_ATTEMPTS = 5;

/** Reads on connections of a pool. One that is lost is replaced, and the read done again. */
export class Reader {
  readonly #pool: Pool;
  readonly #session: Session;
  readonly #what: string;

  constructor(pool: Pool, { session, url }: { session: Session; url: DatabaseUrl }) {
    this.#pool = pool;
    this.#session = session;
    this.#what = `Cannot read database "${url.name}"`;
  }

  async read<Row>({ sql, parameters }: CompiledQuery<Row>): Promise<Row[]> {
    const query = { ...statementName(sql), text: sql, values: [...parameters] };
    for (let attempt = 1; ; attempt += 1) {
      if (this.#pool.ending) throw new BerthError("SHUTTING_DOWN", `${this.#what}: it is closed`);
      try {
        // The type of a row comes from the query builder; the schema it knows is the one the migrations made.
        return (await this.#pool.query(query)).rows as Row[];
      } catch (error) {
        const mayPass = isConnectionLoss(error) || isConflict(error);
        if (!mayPass || attempt === MOST_ATTEMPTS) throw translateError(error, this.#what);
        // Throws where the database has been away for a while: nobody waits for it twice.
        await this.#session.owner();
        await sleep(backoffMs(attempt, { baseMs: 20 }));
      }
    }
  }
}
