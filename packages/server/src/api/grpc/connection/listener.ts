import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { type AddressInfo, createServer, isIP, type Server, type Socket } from "node:net";

export interface ListenerOptions {
  /** An address, or a name: then all its addresses. Port 0 takes a free one, the same for all. */
  host: string;
  port: number;
  /** More are closed at once, before they cost anything. */
  mostConnections: number;
  onConnection: (socket: Socket) => void;
}

/**
 * Listens, and knows every connection from its first byte on: those in the middle of a handshake too, which a TLS server
 * would wait for when it closes.
 */
export interface Listener {
  readonly port: number;
  /** Takes no new connections at once. Those that have not ended by themselves after `graceMs` are cut. */
  close(graceMs: number): Promise<void>;
}

/** Throws what the system says when no address of the host can be had. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const addresses = await addressesOf(options.host);
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  let port = options.port;
  let failure: unknown;
  for (const host of addresses) {
    try {
      const server = await listenAt(host, { ...options, port, sockets });
      port = (server.address() as AddressInfo).port;
      servers.push(server);
    } catch (error) {
      failure ??= error;
    }
  }
  if (servers.length === 0) throw failure;
  return {
    port,
    async close(graceMs) {
      const closed = servers.map((server) => once(server, "close"));
      for (const server of servers) server.close();
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
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
  { port, mostConnections, onConnection, sockets }: ListenerOptions & { sockets: Set<Socket> },
): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Its end is what counts; why is of no use to anybody.
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  server.maxConnections = mostConnections;
  server.listen({ host, port });
  await once(server, "listening");
  return server;
}
