import type { ClientRequest, IncomingMessage } from "node:http";
import { deadlineSignal, joinSignals } from "../lib/signals.ts";
import { connect } from "./connect.ts";
import { hostOf, type Reach } from "./reach.ts";

// By an import, all that the module offers would be loaded: a client for the web too, of 2 MB.
const { request: requestHttp } = process.getBuiltinModule("node:http");

export interface Sent {
  url: URL;
  method: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Whom to trust to sign its certificate, PEM; null for whom everybody trusts. */
  ca: string | null;
  reach: Reach;
  /** The whole of it: looking up, connecting, sending, waiting, reading. */
  timeoutMs: number;
  /** Of the answer; null where its status and its headers are all that is wanted: what is behind them is not waited for. */
  mostBytes: number | null;
  /** Told of the address that is connected to, before anything is sent. */
  connected?: (address: string) => void;
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * The one way out over HTTP: one request on a connection of its own. No redirect is followed, for it would take what is sent
 * along to wherever it leads. Rejects where there is no whole answer in time, it is larger than it may be, or the address is one
 * that may not be reached.
 */
export async function send(sent: Sent): Promise<Answer> {
  const { timeoutMs, signal } = sent;
  using deadline = deadlineSignal(timeoutMs, new Error(`no answer within ${timeoutMs} ms`));
  using ending = joinSignals(deadline.signal, ...(signal === undefined ? [] : [signal]));
  return await exchange(sent, ending.signal);
}

async function exchange(sent: Sent, signal: AbortSignal): Promise<Answer> {
  const { url, method, headers = {}, body, ca, reach } = sent;
  if (!["http:", "https:"].includes(url.protocol)) throw new Error(`${url.protocol} is not spoken here`);
  const tls = url.protocol === "https:" ? { ca, protocols: ["http/1.1"] } : null;
  const port = Number(url.port) || (tls === null ? 80 : 443);
  const host = hostOf(url);
  const socket = await connect({ host, port, tls, reach }, signal);
  sent.connected?.(socket.remoteAddress ?? "");
  const request = requestHttp({
    host,
    method,
    path: `${url.pathname}${url.search}`,
    createConnection: () => socket,
    headers: {
      host: url.host,
      accept: "application/json",
      connection: "close",
      ...headers,
      ...lengthOf(body),
    },
  });
  const giveUp = (): void => void request.destroy(signal.reason as Error);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await answered(request, sent);
  } finally {
    signal.removeEventListener("abort", giveUp);
    request.destroy();
    socket.destroy();
  }
}

async function answered(request: ClientRequest, { body, mostBytes }: Sent): Promise<Answer> {
  return await new Promise<Answer>((resolve, reject) => {
    // For as long as the request lives: what comes after the answer must not fail the process.
    request.on("error", reject);
    // Node drops an answer that changes the protocol (101) without an error: it ends with nothing but this.
    const ended = (): void => reject(new Error("the connection ended before an answer came"));
    request.once("close", ended);
    request.once("response", (message) => {
      request.off("close", ended);
      read(message, mostBytes).then(
        (text) => resolve({ status: message.statusCode ?? 0, headers: headersOf(message), body: text }),
        reject,
      );
    });
    request.end(body);
  });
}

async function read(message: IncomingMessage, mostBytes: number | null): Promise<string> {
  if (mostBytes === null) return "";
  const blocks: Buffer[] = [];
  let bytes = 0;
  for await (const block of message as AsyncIterable<Buffer>) {
    bytes += block.length;
    if (bytes > mostBytes) throw new Error(`its answer is larger than ${mostBytes} bytes`);
    blocks.push(block);
  }
  return Buffer.concat(blocks).toString("utf8");
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]),
  );
}
