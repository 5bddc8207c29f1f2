import type { RequestListener } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { Socket } from "node:net";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import { BerthError } from "@berth/protocol";
import type { Turns } from "../../../lib/turns/turns.ts";
import { brokenAnswer } from "../errors.ts";
import { Carriers } from "./carriers.ts";

/** The server's key and certificates as they are now, PEM. */
export interface TlsSource {
  readonly current: { readonly key: { reveal(): string }; readonly chain: string; readonly notAfter: number };
  /** Calls when they have changed. Returns the way to stop. */
  onChange(listener: () => void): () => void;
}

/** TLS 1.3, and of 1.2 what keeps a recorded conversation closed when the key is lost later, and proves each record. */
const versions: SecureContextOptions = {
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
  ].join(":"),
};

/** A connection that has not finished its handshake by then is closed. */
const HANDSHAKE_MS = 20_000;
/** Whoever connects has one turn of all that are given: nobody knows yet who it is. */
const HANDSHAKES = "handshakes";
/** The first byte of every TLS connection. */
const HANDSHAKE_RECORD = 0x16;

/** HTTPS that takes up new certificates when they change: who connects from then on gets them. */
export function secureServer(
  handler: RequestListener,
  { tls, turns, ...http }: ServerOptions & { tls: TlsSource; turns: Pick<Turns, "take"> },
): Server {
  const server = createServer(
    { ...http, ...contextOf(tls), ALPNProtocols: ["http/1.1"], handshakeTimeout: HANDSHAKE_MS },
    handler,
  );
  const ignoreChange = tls.onChange(() => server.setSecureContext(contextOf(tls)));
  server.once("close", ignoreChange);
  const carriers = new Carriers();
  server.prependListener("secureConnection", (socket) => carriers.met(socket));
  const begin = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) =>
    onFirstByte(socket, (isHandshake) => {
      if (!isHandshake) return socket.end(spokenPlain());
      carriers.expect(socket);
      // A handshake is work, and many may come at once.
      void turns.take(HANDSHAKES).then(() => {
        if (!socket.destroyed) for (const listener of begin) listener.call(server, socket);
      });
    }),
  );
  server.on("tlsClientError", (_error: Error, socket: TLSSocket) => socket.destroy());
  return server;
}

/** Connections that nothing is said over cost no handshake, and who speaks no TLS is told so. */
function onFirstByte(socket: Socket, then: (isHandshake: boolean) => void): void {
  const giveUp = (): void => void socket.destroy();
  socket.on("error", giveUp).setTimeout(HANDSHAKE_MS, giveUp);
  socket.once("readable", () => {
    const first: unknown = socket.read(1);
    if (!(first instanceof Buffer)) return giveUp();
    socket.unshift(first);
    socket.setTimeout(0).off("timeout", giveUp);
    then(first[0] === HANDSHAKE_RECORD);
  });
}

function spokenPlain(): string {
  const fix =
    "Begin the URL with https://, and name the authority to clients that ask for it (berth: --ca FILE)";
  return brokenAnswer(
    400,
    new BerthError("REQUEST_INVALID", "Cannot read the request: this server speaks HTTPS alone", { fix }),
  );
}

function contextOf({ current }: TlsSource): SecureContextOptions {
  // With every context: what a new one does not say, falls back to the defaults.
  return { ...versions, key: current.key.reveal(), cert: current.chain };
}
