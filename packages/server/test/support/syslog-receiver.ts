import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** What happens to a connection: all is read, nothing is, it is reset in the middle, or ended before anything is read. */
export type Manner = "take" | "hang" | "cut" | "end";

/** RFC 5424 in a stream by octet counting, read as strictly as the standard lets it be written. */
export class SyslogReceiver implements AsyncDisposable {
  manner: Manner = "take";
  /** The messages as JSON, in the order in which they came. */
  readonly records: { id: string; name: string | null }[] = [];
  readonly messages: string[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async open({ port = 0, tls = null }: { port?: number; tls?: TlsOptions | null } = {}) {
    const receiver = new SyslogReceiver(tls);
    receiver.#server.listen(port, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  private constructor(tls: TlsOptions | null) {
    const take = (socket: Socket): void => this.#take(socket);
    this.#server = tls === null ? createServer({ allowHalfOpen: true }, take) : createTlsServer(tls, take);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Of the records that came, each once. */
  get ids(): string[] {
    return [...new Set(this.records.map(({ id }) => id))];
  }

  get names(): (string | null)[] {
    return [...new Map(this.records.map(({ id, name }) => [id, name])).values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #take(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    if (this.manner === "hang") return;
    if (this.manner === "end") return void socket.end();
    const isCut = this.manner === "cut";
    let rest: Buffer = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => {
      rest = this.#read(Buffer.concat([rest, bytes]));
      if (isCut) socket.resetAndDestroy();
    });
    socket.on("end", () => {
      if (rest.length > 0) throw new Error(`A message is cut off: ${rest.toString()}`);
      socket.end();
    });
  }

  #read(bytes: Buffer): Buffer {
    let rest = bytes;
    for (;;) {
      const [counted, length] = /^([1-9]\d*) /.exec(rest.subarray(0, 12).toString("latin1")) ?? [];
      if (counted === undefined) return rest;
      const end = counted.length + Number(length);
      if (rest.length < end) return rest;
      this.#note(rest.subarray(counted.length, end).toString("latin1"));
      rest = rest.subarray(end);
    }
  }

  #note(message: string): void {
    const found = strict.exec(message);
    if (found === null) throw new Error(`Not RFC 5424: ${message}`);
    this.messages.push(message);
    this.records.push(JSON.parse(found.groups?.["text"] ?? "") as { id: string; name: string | null });
  }
}

const strict =
  /^<(?:[1-9]\d?|1[0-8]\d|19[01]|0)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z [!-~]{1,255} [!-~]{1,48} (?:-|[!-~]{1,128}) [!-~]{1,32} - (?<text>[ -~]*)$/;
