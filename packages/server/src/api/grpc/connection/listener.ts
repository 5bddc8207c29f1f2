import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { type AddressInfo, createServer, isIP, type Server, type Socket } from "node:net";

type End = "remoteAddress" | "remotePort" | "localAddress" | "localPort";
type Ends = { [Name in End]?: Socket[Name] | undefined };

export interface ListenerOptions {
  /** An address, or a name: then all its addresses. Port 0 takes a free one, the same for all. */
  host: string;
  port: number;
  /** Connections that nobody has vouched for; one more, and the oldest of them is closed. */
  mostUnknown: number;
  onConnection: (socket: Socket) => void;
}

/**
 * Listens, and knows every connection from its first byte on: those in the middle of a handshake too, which a TLS server
 * would wait for when it closes.
 */
export interface Listener {
  readonly port: number;
  /** Somebody known speaks on this connection: it stays, whatever others do. */
  vouch(ends: Ends): void;
  /**
   * Lets go after `graceMs` of all that are open now; those that come from now on are not touched. With `unknownNow` at
   * once of those that nobody has vouched for.
   */
  letGo(graceMs: number, options: { unknownNow: boolean }): void;
  /** Cuts all that are open now. */
  cut(): void;
  /** Takes no new connections at once. Those that have not ended by themselves after `graceMs` are cut. */
  close(graceMs: number): Promise<void>;
}

/** Throws what the system says when no address of the host can be had. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const addresses = await addressesOf(options.host);
  const connections = new Connections(options.mostUnknown);
  const servers: Server[] = [];
  let port = options.port;
  let failure: unknown;
  for (const host of addresses) {
    try {
      const server = await listenAt(host, { ...options, port, connections });
      port = (server.address() as AddressInfo).port;
      servers.push(server);
    } catch (error) {
      failure ??= error;
    }
  }
  if (servers.length === 0) throw failure;
  return {
    port,
    vouch: (ends) => connections.vouch(ends),
    letGo: (graceMs, options) => connections.letGo(graceMs, options),
    cut: () => connections.cut(),
    async close(graceMs) {
      const closed = servers.map((server) => once(server, "close"));
      for (const server of servers) server.close();
      const cut = setTimeout(() => connections.cut(), graceMs);
      await Promise.all(closed);
      clearTimeout(cut);
    },
  };
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function listenAt(
  host: string,
  { port, onConnection, connections }: ListenerOptions & { connections: Connections },
): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    connections.add(socket);
    // Its end is what counts; why is of no use to anybody.
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  server.listen({ host, port });
  await once(server, "listening");
  return server;
}

/**
 * Those that are open. Whoever is in the middle of a handshake, or has made no call yet, is unknown: a flood of them drives
 * out its own oldest, and neither those who work nor, in the moment that a handshake takes, those who come.
 */
class Connections {
  readonly #open = new Set<Socket>();
  readonly #unknown = new Map<string, Socket>();
  readonly #mostUnknown: number;

  constructor(mostUnknown: number) {
    this.#mostUnknown = mostUnknown;
  }

  add(socket: Socket): void {
    const key = keyOf(socket);
    this.#open.add(socket);
    this.#unknown.set(key, socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      if (this.#unknown.get(key) === socket) this.#unknown.delete(key);
    });
    const [oldest] = this.#unknown.values();
    if (this.#unknown.size > this.#mostUnknown) oldest?.destroy();
  }

  vouch(ends: Ends): void {
    this.#unknown.delete(keyOf(ends));
  }

  letGo(graceMs: number, { unknownNow }: { unknownNow: boolean }): void {
    if (unknownNow) for (const socket of this.#unknown.values()) socket.destroy();
    const open = [...this.#open];
    setTimeout(() => open.forEach((socket) => socket.destroy()), graceMs).unref();
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

/** Both ends: a client may use one port towards two addresses of this host. */
function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Ends): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
