import { statSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { Server } from "./exchange.ts";

const DNS_PORT = 53;
/** As many as the C library asks. */
const MOST_SERVERS = 3;
const MOST_BYTES = 64 * 1024;

/** The servers that a resolv.conf names, in their order. */
export function serversIn(text: string, port: number = DNS_PORT): Server[] {
  const servers = text.split("\n").flatMap((line) => {
    const address = /^\s*nameserver\s+(\S+)/.exec(line)?.[1];
    return address !== undefined && isIP(address) !== 0 ? [{ address, port }] : [];
  });
  return servers.slice(0, MOST_SERVERS);
}

/** Whom the host itself asks, read again when the file has changed. */
export class HostServers {
  readonly #path: string;
  readonly #port: number;
  #stamp = "";
  #servers: readonly Server[] = [];

  constructor(path: string, port: number = DNS_PORT) {
    this.#path = path;
    this.#port = port;
  }

  /** None where the host has no such file. */
  now(): readonly Server[] {
    const stamp = stampOf(this.#path);
    if (stamp !== this.#stamp) {
      this.#servers =
        stamp === "" ? [] : serversIn(readFileSync(this.#path, "utf8").slice(0, MOST_BYTES), this.#port);
      this.#stamp = stamp;
    }
    return this.#servers;
  }
}

/** Which content a path has: by another file in its place, or by a change of it. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? "" : `${stat.dev} ${stat.ino} ${stat.mtimeNs} ${stat.size}`;
}
