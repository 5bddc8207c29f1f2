import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** For a server that has to know its own address before it listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
