import { hostname } from "node:os";
import { type Client, type ClientConfig, TypeOverrides } from "pg";
import type { DatabaseUrl } from "../../core/database-address.ts";

/** Numbers of PostgreSQL's types, which never change. */
const INT8 = 20;
const BYTEA = 17;

const types = new TypeOverrides();
// Times in ms and counts: far below what a number holds exactly.
types.setTypeParser(INT8, Number);
types.setTypeParser(BYTEA, (text) => {
  const { buffer, byteOffset, byteLength } = Buffer.from(text.slice(String.raw`\x`.length), "hex");
  return new Uint8Array(buffer, byteOffset, byteLength);
});

/** A connection attempt that takes longer has failed. */
const CONNECT_MS = 5000;
/** A query that takes longer has lost its server: none asks for more than a page, or writes more than a batch. */
const QUERY_MS = 30_000;

/**
 * What a connection is made with. Each server process has a name of its own in the database's list of connections, by
 * which it knows what it has left behind there.
 */
export function connectionConfig(url: DatabaseUrl, instance: string): ClientConfig {
  return {
    connectionString: url.reveal(),
    application_name: instance,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
    keepAlive: true,
    types,
  };
}

/** Connects; a connection that does not come about is closed. Throws what `connect` throws. */
export async function connected(client: Client): Promise<Client> {
  try {
    await client.connect();
    return client;
  } catch (error) {
    void client.end().catch(() => undefined);
    throw error;
  }
}

/** Unique among all server processes; short enough for `application_name`. */
export function newInstanceName(): string {
  const random = crypto.randomUUID().slice(0, 8);
  return `berth ${hostname().slice(0, 30)} pid ${process.pid} ${random}`;
}
