import { type LookupAddress, lookup } from "node:dns";
import { once } from "node:events";
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Reach, whyRefused } from "./reach.ts";

interface Place {
  /** A name, or an address without brackets. */
  host: string;
  port: number;
  /** null: not encrypted. `ca`: whom to trust to sign its certificate, PEM; null for whom everybody trusts. */
  tls: { ca: string | null; protocols?: readonly string[] } | null;
}

export interface Destination extends Place {
  reach: Reach;
}

/** Why nothing may be sent to this address; null where it may. */
export type Judge = (address: string) => string | null;

/** Somebody would be connected to who may not be. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}

/**
 * A connection to one of the addresses of the host that may be reached. They are judged as they are connected to: what a name
 * led to a moment ago says nothing. Rejects where there is none, and where the certificate is not the host's.
 */
export async function connect({ reach, ...place }: Destination, signal: AbortSignal): Promise<Socket> {
  return await connectWhere({ ...place, judge: (address) => whyRefused(address, reach) }, signal);
}

/** The same by another judge of addresses. Rejects with AddressRefused where it refuses all that there are. */
export async function connectWhere(
  { host, port, tls, judge }: Place & { judge: Judge },
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  // A literal address is never looked up.
  const refused = isIP(host) === 0 ? null : judge(host);
  if (refused !== null) throw new AddressRefused(refused);
  const where = { host, port, lookup: lookUpWithin(judge) };
  const socket = tls === null ? connectTcp(where) : connectTls({ ...where, ...tlsOptions(host, tls) });
  const giveUp = (): void => void socket.destroy(signal.reason as Error);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await once(socket, tls === null ? "connect" : "secureConnect");
    const { remoteAddress = "" } = socket;
    const why = judge(remoteAddress);
    if (why !== null) throw new AddressRefused(why);
    return socket;
  } catch (error) {
    socket.on("error", () => undefined).destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function tlsOptions(host: string, { ca, protocols }: NonNullable<Destination["tls"]>) {
  return {
    ...(protocols !== undefined && { ALPNProtocols: [...protocols] }),
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== null && { ca }),
  };
}

/** Only what may be reached is connected to, whatever else the name stands for. */
function lookUpWithin(judge: Judge): LookupFunction {
  return (name, options, found) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return found(error, []);
      const judged = addresses.map((one) => ({ one, why: judge(one.address) }));
      const open = judged.filter(({ why }) => why === null).map(({ one }) => one);
      const [first] = open;
      if (first === undefined) return found(new AddressRefused(refusalOf(name, judged)), []);
      if (options.all === true) return found(null, open);
      return found(null, first.address, first.family);
    });
  };
}

function refusalOf(name: string, judged: readonly { one: LookupAddress; why: string | null }[]): string {
  return `"${name}" leads nowhere that may be reached: ${judged[0]?.why ?? "it has no address"}`;
}
