import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { BerthError, errorCatalog } from "@berth/protocol";
import { Turns } from "../../../lib/turns/turns.ts";
import { securityHeaders } from "../security-headers.ts";
import { secureServer, type TlsSource } from "./secure-server.ts";

// By an import, all that the module offers would be loaded.
const { createServer } = process.getBuiltinModule("node:http");

export interface StandbyDoorOptions {
  host: string;
  port: number;
  /** null: plain HTTP. */
  tls: TlsSource | null;
  /** Why it does not serve, as in `stands by: server ... has the database`. */
  reason: () => string;
}

/** Closed before the server's own door opens at the same address. */
export interface StandbyDoor extends AsyncDisposable {
  readonly url: string;
}

/** Who asks in vain holds nothing open: each has one answer, and asks again later. */
const patience = {
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 1,
  connectionsCheckingInterval: 1000,
};
const MOST_CONNECTIONS = 500;

/**
 * The REST address of a server that stands by: it lives, is not ready, and does nothing for anybody. Reads no bodies and knows no
 * callers. Rejects with the system's error where it cannot listen.
 */
export async function openStandbyDoor({ host, port, tls, reason }: StandbyDoorOptions): Promise<StandbyDoor> {
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    answerOf(request, { response, reason: reason() });
  const server =
    tls === null
      ? createServer(patience, answer)
      : secureServer(answer, { ...patience, tls, turns: new Turns() });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => resolve());
  });
  const address = server.address();
  const name = host.includes(":") ? `[${host}]` : host;
  const at = address !== null && typeof address === "object" ? address.port : port;
  return {
    url: `${tls === null ? "http" : "https"}://${name}:${at}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerOf(
  { method, url = "/" }: IncomingMessage,
  { response, reason }: { response: ServerResponse; reason: string },
): void {
  const [path] = url.split("?");
  const isLife = path === "/healthz" && (method === "GET" || method === "HEAD");
  // Who has the database is for those who look after the server: they ask whether it is ready.
  const why = path === "/readyz" ? reason : "stands by for another server";
  const requestId = randomUUID();
  const { code, message, fix } = new BerthError("STANDS_BY", `Cannot take requests: this server ${why}`);
  const body = isLife ? { status: "ok" } : { code, message, fix, requestId };
  response.writeHead(isLife ? 200 : errorCatalog.STANDS_BY.status, {
    ...securityHeaders,
    "content-type": "application/json; charset=utf-8",
    "x-request-id": requestId,
    connection: "close",
    ...(!isLife && { "retry-after": "1" }),
  });
  response.end(method === "HEAD" ? undefined : JSON.stringify(body));
}
