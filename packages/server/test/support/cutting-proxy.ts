import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { DatabaseUrl } from "../../src/core/database-address.ts";
import { tempFolder } from "./temp-folder.ts";

const SOCKET = ".s.PGSQL.5432";
/** A simple query of this text, as it goes over the wire. */
const COMMIT = Buffer.from("COMMIT\0");

interface Cut {
  /** Whether the commit reaches the database. */
  forward: boolean;
  /** Nobody is let through any more. Default false. */
  forGood?: boolean;
}

/** Stands between a client and PostgreSQL, and cuts a connection in the moment of a commit. */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #folder: ReturnType<typeof tempFolder>;
  readonly #sockets = new Set<Socket>();
  #cut: Cut | null = null;
  #isClosed = false;
  #isSilent = false;
  cuts = 0;

  private constructor(server: Server, folder: ReturnType<typeof tempFolder>) {
    this.#server = server;
    this.#folder = folder;
  }

  static async open(socketFolder: string): Promise<CuttingProxy> {
    const folder = tempFolder();
    const server = createServer((client) => proxy.#join(client, connect(join(socketFolder, SOCKET))));
    const proxy = new CuttingProxy(server, folder);
    server.listen(join(folder.path, SOCKET));
    await once(server, "listening");
    return proxy;
  }

  urlOf(database: string): DatabaseUrl {
    const url = DatabaseUrl.parse(`postgres://admin@/${database}?host=${this.#folder.path}`);
    if (url === null) throw new Error("Cannot make a URL");
    return url;
  }

  /** The next commit reaches the database, or does not; its answer reaches nobody. */
  cutAtCommit(cut: Cut): void {
    this.#cut = cut;
  }

  /** Nothing comes through any more, in either direction, and nobody is told: as when packets are dropped. */
  fallSilent(): void {
    this.#isSilent = true;
  }

  /** Those who come from now on are let through; who was there before is never heard of again. */
  letThrough(): void {
    this.#isSilent = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await this.#folder[Symbol.asyncDispose]();
  }

  #join(client: Socket, database: Socket): void {
    for (const socket of [client, database]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
    }
    if (this.#isClosed) client.destroy();
    client.on("close", () => database.destroy());
    database.on("close", () => client.destroy());
    let isDeaf = false;
    const isHeard = (): boolean => {
      isDeaf ||= this.#isSilent;
      return !isDeaf;
    };
    database.on("data", (chunk: Buffer) => isHeard() && client.write(chunk));
    client.on("data", (chunk: Buffer) => {
      if (!isHeard()) return;
      const cut = chunk.includes(COMMIT) ? this.#cut : null;
      if (cut === null) return void database.write(chunk);
      this.#cut = null;
      this.cuts += 1;
      this.#isClosed = cut.forGood ?? false;
      if (!cut.forward) return void client.destroy();
      // Its answer means that it is stored; that answer goes nowhere.
      database.removeAllListeners("data");
      database.on("data", () => client.destroy());
      database.write(chunk);
    });
  }
}
