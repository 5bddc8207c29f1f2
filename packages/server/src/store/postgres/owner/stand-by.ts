import { Client } from "pg";
import type { DatabaseUrl } from "../../../core/database-address.ts";
import { sleep } from "../../../lib/clock.ts";
import { connected, connectionConfig, newInstanceName } from "../connect.ts";
import { holderOf } from "./ownership.ts";
import { isConnectionLoss } from "../postgres-failure.ts";
import { translateError } from "../translate-error.ts";

/** How often it is asked who has the database. */
const LOOK_MS = 250;
/** No answer for so long: the way to the database is cut. */
const ANSWER_MS = 5000;

export interface StandByOptions {
  url: DatabaseUrl;
  /** For so long nobody has to have had it where somebody had: who had it may be on its way back. */
  graceMs: number;
  signal: AbortSignal;
  /** Told who has it, whenever that is somebody else; with an error where the database cannot be asked. */
  onLook: (seen: Seen) => void;
}

type Seen = { holder: string } | { error: Error };

/**
 * Resolves once nobody has the database: at once, or when who had it has been gone for the grace. Writes nothing. A database that does not
 * answer is asked again, and so is one that refuses after it has answered once. Rejects with the signal's reason, and where what it is
 * asked with is refused from the beginning, as a wrong password: nobody should wait for that.
 */
export async function untilFree({ url, graceMs, signal, onLook }: StandByOptions): Promise<void> {
  const watch = new Watch(url);
  try {
    for (let goneAt: number | null = -Infinity; ; ) {
      const seen = await watch.look();
      signal.throwIfAborted();
      if (seen !== null) {
        onLook(seen);
        goneAt = null;
      } else {
        goneAt ??= performance.now();
        if (performance.now() - goneAt >= graceMs) return;
      }
      await sleep(LOOK_MS, { signal });
    }
  } finally {
    await watch.close();
  }
}

/** One connection, made anew where it broke. */
class Watch {
  readonly #url: DatabaseUrl;
  #client: Client | null = null;
  #hasAnswered = false;

  constructor(url: DatabaseUrl) {
    this.#url = url;
  }

  /** null: nobody has it. Throws what is no matter of time. */
  async look(): Promise<Seen | null> {
    try {
      this.#client ??= await this.#connect();
      const holder = await holderOf(this.#client);
      this.#hasAnswered = true;
      return holder && { holder: holder.name ?? "another server" };
    } catch (error) {
      await this.close();
      const failure = translateError(error, `Cannot use database "${this.#url.name}"`);
      if (!this.#hasAnswered && !isConnectionLoss(error)) throw failure;
      return { error: failure };
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await Promise.race([client?.end().catch(() => undefined), sleep(1000)]);
  }

  async #connect(): Promise<Client> {
    const config = connectionConfig(this.#url, `${newInstanceName()} standing by`);
    const client = new Client({ ...config, query_timeout: ANSWER_MS });
    client.on("error", () => undefined);
    return await connected(client);
  }
}
