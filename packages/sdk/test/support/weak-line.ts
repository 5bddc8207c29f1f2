import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A line to a port of this host that the test cuts: each connection after so many bytes of an answer, or all at once. */
export class WeakLine implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Bytes that a new connection brings before it is cut; null for never. */
  cutAfter: () => number | null = () => null;
  /** How many were cut. */
  cuts = 0;

  private constructor(port: number) {
    this.#server = createServer((client) => this.#join(client, connect(port, "localhost")));
  }

  static async to(port: number): Promise<WeakLine> {
    const line = new WeakLine(port);
    await line.#listen(0);
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nobody listens any more, and whoever was connected is cut off. Resolves with what lets them in again. */
  async goAway(): Promise<{ comeBack: () => Promise<void> }> {
    const { port } = this;
    await this[Symbol.asyncDispose]();
    return { comeBack: () => this.#listen(port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, "localhost");
    await once(this.#server, "listening");
  }

  #join(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    client.pipe(server);
    const most = this.cutAfter();
    let brought = 0;
    server.on("data", (chunk: Buffer) => {
      brought += chunk.length;
      const isCut = most !== null && brought >= most;
      client.write(isCut ? chunk.subarray(0, chunk.length - (brought - most)) : chunk);
      if (!isCut) return;
      this.cuts += 1;
      client.destroySoon();
    });
  }
}
