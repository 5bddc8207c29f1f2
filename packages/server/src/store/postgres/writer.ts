import type { ChainHead } from "../../core/audit/chain.ts";
import { sleep } from "../../lib/clock.ts";
import { backoffMs } from "../../lib/retry.ts";
import type { AuditTrail } from "../audit-trail.ts";
import type { Step, Written } from "../queries/database.ts";
import { WriteQueue } from "../queries/write-queue.ts";
import type { Client } from "pg";
import { takenOver } from "./owner/ownership.ts";
import { isConflict, isConnectionLoss, sqlStates, codeOf } from "./postgres-failure.ts";
import type { Session, SessionOptions } from "./session.ts";
import { translateError } from "./translate-error.ts";
import type { Outcome } from "./batch-outcome.ts";
import { CommitUnknown, TakenOver, writeBatch } from "./write-batch.ts";

/** Others may stand in the way again and again; after so many times somebody should hear of it. */
const MOST_CONFLICTS = 10;
/** A commit that could not be followed for longer than this, and was not stored: its callers have gone. */
const STALE_MS = 10_000;

/** Writes in batches, one under way at a time; a batch that a lost connection took with it is written again. */
export class Writer implements AsyncDisposable {
  readonly #session: Session;
  readonly #what: string;
  readonly #url: SessionOptions["url"];
  readonly #instance: string;
  readonly #trail: AuditTrail;
  readonly #queue: WriteQueue;
  /** Where the audit chain of this server ends; undefined where it must be read, as nobody knows what was stored. */
  #head: ChainHead | null | undefined;

  constructor(
    session: Session,
    { url, instance, trail }: Pick<SessionOptions, "url" | "instance"> & { trail: AuditTrail },
  ) {
    this.#trail = trail;
    this.#session = session;
    this.#url = url;
    this.#instance = instance;
    this.#what = `Cannot write to database "${url.name}"`;
    this.#queue = new WriteQueue({ what: this.#what, commit: (writes) => this.#commit(writes) });
  }

  write(steps: readonly Step[]): Promise<Written> {
    const { away } = this.#session;
    return away === null ? this.#queue.write(steps) : Promise.reject(away);
  }

  /** The database is away: what has not left yet is refused, also behind a commit that nobody knows the end of. */
  refuseWaiting(error: Error): void {
    this.#queue.refuseWaiting(error);
  }

  /** Takes no more writes and waits for all that were asked for. */
  drain(): Promise<void> {
    return this.#queue.drain();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  async #commit(writes: readonly (readonly Step[])[]): Promise<readonly Outcome[]> {
    const token = crypto.randomUUID();
    let conflicts = 0;
    for (;;) {
      const { client } = await this.#session.owner();
      try {
        const { seal } = this.#trail;
        this.#head = this.#head === undefined ? await headOf(client, seal.chain) : this.#head;
        const batch = { writes, token, instance: this.#instance, seal, head: this.#head };
        const { outcomes, block } = await writeBatch(client, batch);
        if (block !== null) this.#sealed(block);
        return outcomes.map((one) => (one instanceof Error ? translateError(one, this.#what) : one));
      } catch (error) {
        this.#head = undefined;
        if (error instanceof TakenOver) throw this.#takenOver();
        if (error instanceof CommitUnknown || isConnectionLoss(error) || isReadOnly(error))
          this.#session.drop(client, error instanceof CommitUnknown ? error.cause : error);
        if (error instanceof CommitUnknown) {
          if (await this.#isStored(token, error)) return error.outcomes;
          continue;
        }
        if (isConnectionLoss(error)) continue;
        conflicts += 1;
        if (!isConflict(error) || conflicts > MOST_CONFLICTS) throw translateError(error, this.#what);
        await sleep(backoffMs(conflicts, { baseMs: 10, maxMs: 1000 }));
      }
    }
  }

  /**
   * Nobody is answered before it is known: a job that is stored though its caller heard of a failure would be run by
   * nobody. Throws where it was not stored, and that took so long to find out that the callers have gone.
   */
  async #isStored(token: string, { cause }: CommitUnknown): Promise<boolean> {
    const since = performance.now();
    const { lastBatch } = await this.#session.eventually();
    if (lastBatch === token) return true;
    if (performance.now() - since > STALE_MS) throw translateError(cause, this.#what);
    return false;
  }

  #sealed({ seq, hash }: ChainHead): void {
    this.#head = { seq, hash };
    this.#trail.sealed(this.#head);
  }

  #takenOver(): Error {
    const error = takenOver(this.#url);
    this.#session.takenOver(error);
    return error;
  }
}

/** The end of a chain as it is stored. */
async function headOf(client: Client, chain: string): Promise<ChainHead | null> {
  const text = "SELECT seq, hash FROM audit_block WHERE chain = $1 ORDER BY seq DESC LIMIT 1";
  const { rows } = await client.query<ChainHead>({ name: "audit-head", text, values: [chain] });
  return rows[0] ?? null;
}

/** The server takes no writes any more, as after a failover: the address may lead to another one by now. */
function isReadOnly(error: unknown): boolean {
  return codeOf(error) === sqlStates.readOnly;
}
