import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A line to a server that counts what a client sends, and is cut where a test says. */
export class CuttingLine implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #left = Number.POSITIVE_INFINITY;
  #next: { bytes: number; until: number } = { bytes: 0, until: 0 };
  /** Bytes from clients, headers included. */
  sent = 0;
  cuts = 0;

  private constructor(target: URL) {
    this.#server = createServer((client) =>
      this.#join(client, connect(Number(target.port), target.hostname)),
    );
  }

  static async to(target: string): Promise<CuttingLine> {
    const line = new CuttingLine(new URL(target));
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The connection that carries this byte from now on ends with it, once. */
  cutAfter(bytes: number): void {
    this.#left = bytes;
  }

  /** The same so often, one after the other. */
  cutEvery(bytes: number, times: number): void {
    this.#next = { bytes, until: this.cuts + times };
    this.cutAfter(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    }
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    server.pipe(client);
    client.on("data", (chunk: Buffer) => {
      const some = chunk.subarray(0, this.#left);
      this.sent += some.length;
      this.#left -= some.length;
      if (some.length < chunk.length) {
        this.cuts += 1;
        this.#left = this.cuts < this.#next.until ? this.#next.bytes : Number.POSITIVE_INFINITY;
        // What came before is to arrive.
        server.end(some);
        client.destroy();
      } else if (!server.write(some)) {
        client.pause();
        server.once("drain", () => client.resume());
      }
    });
  }
}
