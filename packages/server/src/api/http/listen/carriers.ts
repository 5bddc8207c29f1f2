import type { Socket } from "node:net";

const carrierOfInner = new WeakMap<Socket, Socket>();
const innerOfCarrier = new WeakMap<Socket, Socket>();

/** The connection as the system knows it, of what a request came over: the same, or what carries its TLS. */
export function carrierOf(socket: Socket): Socket {
  return carrierOfInner.get(socket) ?? socket;
}

/** Whether any of what is HTTP has come over this connection; a handshake is none. */
export function hasBeenUsed(carrier: Socket, { isSecure }: { isSecure: boolean }): boolean {
  const inner = isSecure ? innerOfCarrier.get(carrier) : carrier;
  return inner !== undefined && inner.bytesRead !== 0;
}

/** Which connection carries which socket of TLS: Node tells each without the other, and both have the same ends. */
export class Carriers {
  readonly #waiting = new Map<string, Socket>();

  /** A handshake begins. */
  expect(carrier: Socket): void {
    const ends = endsOf(carrier);
    this.#waiting.set(ends, carrier);
    carrier.once("close", () => {
      if (this.#waiting.get(ends) === carrier) this.#waiting.delete(ends);
    });
  }

  /** It is done. */
  met(inner: Socket): void {
    const carrier = this.#waiting.get(endsOf(inner));
    if (carrier === undefined) return;
    this.#waiting.delete(endsOf(inner));
    carrierOfInner.set(inner, carrier);
    innerOfCarrier.set(carrier, inner);
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
