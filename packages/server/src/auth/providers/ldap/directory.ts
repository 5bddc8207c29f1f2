import { Client, ResultCodeError } from "ldapts";
import { unavailable } from "../far/unavailable.ts";
import type { LdapOptions } from "./ldap-options.ts";
import { openSocket } from "./open-socket.ts";
import { whyRefused } from "./why-refused.ts";

/** A server that did not answer is left alone for so long while others do. */
const DOWN_MS = 30_000;
/** Connections for looking things up, to each server. */
const POOL = 2;

interface Server {
  url: string;
  downUntil: number;
  pool: (Promise<Client> | null)[];
}

/** No such entry, no password to compare with, wrong, not willing (as of a locked entry), against a rule: none of them is a yes. */
const REFUSALS: ReadonlySet<number> = new Set([19, 32, 34, 48, 49, 50, 53]);

/** The servers of a directory: asked in their order, each as long as it answers. */
export class Directory implements AsyncDisposable {
  readonly #options: LdapOptions;
  readonly #now: () => number;
  readonly #servers: Server[];
  #turn = 0;

  constructor(options: LdapOptions, { now }: { now: () => number }) {
    this.#options = options;
    this.#now = now;
    this.#servers = options.servers.map((url) => ({ url, downUntil: 0, pool: Array(POOL).fill(null) }));
  }

  /** Does this over a connection of whoever looks things up. Throws IDENTITY_UNAVAILABLE when no server answers. */
  async ask<Value>(work: (client: Client) => Promise<Value>): Promise<Value> {
    return await this.#onSome(async (server) => {
      const slot = this.#turn++ % POOL;
      const standing = server.pool[slot] ?? null;
      if (standing !== null) {
        const client = await standing.catch(() => null);
        if (client?.isConnected === true) {
          // It may have been closed while nobody used it: that alone is no reason to ask another server.
          try {
            return await work(client);
          } catch (error) {
            if (error instanceof ResultCodeError) throw error;
          }
        }
        this.#drop(server, slot);
      }
      const opening = this.#open(server.url);
      server.pool[slot] = opening;
      try {
        return await work(await opening);
      } catch (error) {
        this.#drop(server, slot);
        throw error;
      }
    });
  }

  /**
   * Whether this entry has this password; `told` hears why not, where the directory says more than that. Throws
   * IDENTITY_UNAVAILABLE when nobody can say.
   */
  async proves(dn: string, password: string, told: (why: string) => void): Promise<boolean> {
    return await this.#onSome(async ({ url }) => {
      const client = await this.#connect(url);
      try {
        await client.bind(dn, password);
        return true;
      } catch (error) {
        if (!(error instanceof ResultCodeError && REFUSALS.has(error.code))) throw error;
        const why = whyRefused(error.message);
        if (why !== null) told(why);
        return false;
      } finally {
        void client.unbind().catch(() => undefined);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) for (let slot = 0; slot < POOL; slot += 1) this.#drop(server, slot);
  }

  async #onSome<Value>(work: (server: Server) => Promise<Value>): Promise<Value> {
    const up = this.#servers.filter(({ downUntil }) => downUntil <= this.#now());
    const faults: string[] = [];
    for (const server of up.length > 0 ? up : this.#servers) {
      try {
        const value = await work(server);
        server.downUntil = 0;
        return value;
      } catch (error) {
        server.downUntil = this.#now() + DOWN_MS;
        faults.push(`${server.url}: ${whyOf(error)}`);
      }
    }
    throw unavailable(`Cannot ask directory "${this.#options.name}"`, faults.join("; ").slice(0, 500));
  }

  #drop(server: Server, slot: number): void {
    const client = server.pool[slot];
    server.pool[slot] = null;
    void client?.then((one) => one.unbind()).catch(() => undefined);
  }

  async #open(url: string): Promise<Client> {
    const client = await this.#connect(url);
    const { bind } = this.#options;
    if (bind !== null) await client.bind(bind.dn, bind.password);
    return client;
  }

  async #connect(url: string): Promise<Client> {
    const socket = await openSocket(url, this.#options);
    let isTaken = false;
    return new Client({
      // The scheme would make a connection of its own.
      url: "ldap://directory",
      timeout: this.#options.timeoutMs,
      createConnection: () => {
        if (isTaken) throw new Error("the connection was lost");
        isTaken = true;
        return socket;
      },
    });
  }
}

function whyOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n").at(-1) ?? "") : String(error);
}
