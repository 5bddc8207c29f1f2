import { BerthError } from "@berth/protocol";
import { Client } from "pg";
import type { DatabaseUrl } from "../../core/database-address.ts";
import { sleep } from "../../lib/clock.ts";
import type { Fence } from "../../lib/time/fence.ts";
import { backoffMs } from "../../lib/retry.ts";
import { connected, connectionConfig } from "./connect.ts";
import { ACCESS_CHANNEL, claimAgain, claimFirst, takeLock, takenOver } from "./owner/ownership.ts";
import { translateError } from "./translate-error.ts";

/**
 * How long a write or a read waits for a lost connection to come back before it fails: a restart takes less. Its refusal has to be
 * told before the fence cuts who waits for it, which may be a second less than FENCE_MS after the loss.
 */
const PATIENCE_MS = 4000;
/** Who closes waits no longer than this. */
const CLOSE_MS = 3000;
/** No answer for so long: the way to the database is cut, though nobody said so. */
const BEAT = { everyMs: 1000, timeoutMs: 10_000 };

export interface SessionOptions {
  url: DatabaseUrl;
  instance: string;
  /** What must be done once this server has the database for itself, before anything else. */
  prepare: () => Promise<void>;
  /** Another server, or a person, has changed this job. */
  onChange: (jobId: string) => void;
  /** Another server, or a person, has changed who may come in, or may have in a gap. */
  onAccess: () => void;
  /** The connection was away, and with it what would have been told meanwhile. */
  onGap: () => void;
  /** Another server has the database now: nothing is written any more. */
  onTaken: (error: BerthError) => void;
  /** The connection has been away for longer than anybody waits. */
  onAway: (error: Error) => void;
  /** Holds while the database answers on the connection that has its lock. */
  fence: Fence;
  /** null: it is there again. */
  report: (lost: Error | null) => void;
  /** How often to ask whether the database is still there, and for how long to wait for the answer. */
  beat?: { everyMs: number; timeoutMs: number };
}

/** A connection that owns the database, and the last batch of writes that is in it. */
export interface Owner {
  client: Client;
  lastBatch: string;
}

/**
 * The one connection that writes. It holds the lock by which one server at a time has the database, so that a lost
 * connection and a lost lock are the same thing, and hears of changes by others. Comes back by itself.
 */
export class Session implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #what: string;
  readonly #closing = new AbortController();
  #owner: Owner | null = null;
  #downSince = 0;
  #failure: unknown = null;
  #taken: BerthError | null = null;
  /** Settles when the connection is back; rejects when it has been away for too long, then there is a new one. */
  #soon = quiet<Owner>();
  /** The same for who has all the time of the world. */
  #eventually = quiet<Owner>();
  #reconnecting: Promise<void> = Promise.resolve();
  readonly #beat: NodeJS.Timeout;
  #hurried: NodeJS.Timeout | null = null;
  #asking: Client | null = null;

  private constructor(options: SessionOptions) {
    this.#options = options;
    this.#what = `Cannot use database "${options.url.name}"`;
    this.#beat = setInterval(() => void this.#feel(), (options.beat ?? BEAT).everyMs).unref();
  }

  /** Throws DATABASE_UNAVAILABLE, DATABASE_IN_USE, STORAGE_FAILED. */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    try {
      const client = await session.#connect();
      session.#own({ client, lastBatch: await session.#begin(client) });
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw translateError(error, session.#what);
    }
  }

  /** Why nobody waits for the connection: it has been away for too long. null while it is there, or may be back soon. */
  get away(): Error | null {
    const isAway = this.#owner === null && performance.now() - this.#downSince > PATIENCE_MS;
    return isAway ? (this.#refusal() ?? this.#unavailable()) : null;
  }

  /** Waits a moment for a lost connection. Throws DATABASE_UNAVAILABLE, or DATABASE_IN_USE where another has it. */
  owner(): Promise<Owner> {
    if (this.#owner !== null) return Promise.resolve(this.#owner);
    const refusal = this.#refusal();
    if (refusal !== null) return Promise.reject(refusal);
    return this.away === null ? this.#soon.promise : Promise.reject(this.away);
  }

  /** Waits for a lost connection as long as it takes. Throws DATABASE_IN_USE, SHUTTING_DOWN. */
  eventually(): Promise<Owner> {
    if (this.#owner !== null) return Promise.resolve(this.#owner);
    const refusal = this.#refusal();
    return refusal === null ? this.#eventually.promise : Promise.reject(refusal);
  }

  /** The connection is of no use: another one is made. */
  drop(client: Client, why: unknown): void {
    if (this.#owner?.client !== client) return;
    this.#owner = null;
    this.#downSince = performance.now();
    this.#failure = why;
    void client.end().catch(() => undefined);
    if (this.#closing.signal.aborted) return;
    this.#options.report(this.#unavailable());
    this.#reconnecting = this.#reconnect();
  }

  /** What was written must be written: nothing more is. */
  takenOver(error: BerthError): void {
    this.#taken ??= error;
    this.#options.fence.shutForGood();
    this.#soon.reject(error);
    this.#eventually.reject(error);
    const owner = this.#owner;
    this.#owner = null;
    void owner?.client.end().catch(() => undefined);
    this.#options.onTaken(error);
  }

  /** What says that this server has the database is gone: somebody else has it. */
  giveUp(): void {
    this.takenOver(takenOver(this.#options.url));
  }

  /** From now on nobody waits long for a connection that is lost, whatever is not known without it. */
  hurry(): void {
    this.#hurried ??= setInterval(() => {
      if (this.#owner !== null || performance.now() - this.#downSince < CLOSE_MS) return;
      clearInterval(this.#hurried ?? undefined);
      this.#end(this.#unavailable());
    }, 100).unref();
  }

  #end(error: Error): void {
    this.#closing.abort(error);
    this.#soon.reject(error);
    this.#eventually.reject(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beat);
    clearInterval(this.#hurried ?? undefined);
    this.#end(new BerthError("SHUTTING_DOWN", `${this.#what}: it is closed`));
    await this.#reconnecting;
    const owner = this.#owner;
    this.#owner = null;
    // A server that does not answer does not say goodbye either.
    await Promise.race([owner?.client.end().catch(() => undefined), sleep(CLOSE_MS)]);
  }

  #refusal(): Error | null {
    return this.#taken ?? (this.#closing.signal.aborted ? (this.#closing.signal.reason as Error) : null);
  }

  #unavailable(): Error {
    return translateError(this.#failure, this.#what);
  }

  async #connect(): Promise<Client> {
    const { url, instance } = this.#options;
    // Statements leave without waiting for the answer to the one before.
    const client = new Client({ ...connectionConfig(url, instance), pipeline: true });
    client.on("error", (error) => this.drop(client, error));
    client.on("end", () => this.drop(client, new Error("Connection terminated")));
    return await connected(client);
  }

  /** For the first time: whoever had the database before has gone. */
  async #begin(client: Client): Promise<string> {
    const { url, instance, prepare } = this.#options;
    try {
      await takeLock(client, { url, instance, patient: true });
      await prepare();
      return await this.#confirmed(() => claimFirst(client, instance));
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  #own(owner: Owner): void {
    const { client } = owner;
    client.on("notification", ({ channel, processId, payload }) => {
      const own = (client as Client & { processID: number | null }).processID;
      if (processId === own || payload === undefined) return;
      if (channel === ACCESS_CHANNEL) this.#options.onAccess();
      else this.#options.onChange(payload);
    });
    this.#owner = owner;
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 1; !signal.aborted && this.#taken === null; failures += 1) {
      try {
        await this.#attach();
        return;
      } catch (error) {
        if (error instanceof BerthError && error.code === "DATABASE_IN_USE") return this.takenOver(error);
        this.#failure = error;
      }
      if (performance.now() - this.#downSince > PATIENCE_MS) {
        const error = this.#unavailable();
        this.#soon.reject(error);
        this.#soon = quiet();
        this.#options.onAway(error);
      }
      await sleep(backoffMs(failures, { maxMs: 1000 }), { signal }).catch(() => undefined);
    }
  }

  async #attach(): Promise<void> {
    const { url, instance, onGap, onAccess, report } = this.#options;
    const client = await this.#connect();
    try {
      await takeLock(client, { url, instance, patient: false });
      const lastBatch = await this.#confirmed(() => claimAgain(client, { url, instance }));
      this.#own({ client, lastBatch });
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    onGap();
    onAccess();
    report(null);
    const [soon, eventually] = [this.#soon, this.#eventually];
    this.#soon = quiet();
    this.#eventually = quiet();
    const owner = this.#owner;
    if (owner === null) return;
    soon.resolve(owner);
    eventually.resolve(owner);
  }

  async #feel(): Promise<void> {
    const client = this.#owner?.client;
    if (client === undefined || this.#asking === client) return;
    const beat = { text: "SELECT 1", query_timeout: (this.#options.beat ?? BEAT).timeoutMs };
    this.#asking = client;
    await this.#confirmed(() => client.query(beat)).catch((error: unknown) => this.drop(client, error));
    if (this.#asking === client) this.#asking = null;
  }

  /** Asked on the connection that has the lock: an answer says that the lock was there after the question. */
  async #confirmed<Value>(ask: () => Promise<Value>): Promise<Value> {
    const { fence } = this.#options;
    const askedAt = fence.now();
    const answer = await ask();
    fence.confirm(askedAt);
    return answer;
  }
}

/** A promise that may be rejected while nobody waits for it. */
function quiet<Value>(): PromiseWithResolvers<Value> {
  const made = Promise.withResolvers<Value>();
  made.promise.catch(() => undefined);
  return made;
}
