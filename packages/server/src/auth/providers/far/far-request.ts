import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

export interface FarRequest {
  url: URL;
  method: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Whom to trust to sign its certificate, PEM; null for whom everybody trusts. */
  ca: string | null;
  /** The whole of it: connecting, sending, waiting, reading. */
  timeoutMs: number;
  mostBytes: number;
  signal?: AbortSignal | undefined;
}

export interface FarAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * Asks a server that the operator named, once: no redirect is followed, for it would take what was sent along to wherever it
 * leads. Rejects where there is no whole answer in time, or it is larger than it may be.
 */
export async function farRequest(asked: FarRequest): Promise<FarAnswer> {
  const { url, method, headers = {}, body, ca, timeoutMs } = asked;
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const sent = request(url, {
    method,
    // A connection of its own: the peer's patience with silent ones is not known.
    agent: false,
    headers: { accept: "application/json", ...headers, ...lengthOf(body) },
    ...(ca !== null && { ca }),
  });
  const late = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const giveUp = (): void => void sent.destroy(new Error("nobody waits for it any more"));
  asked.signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await answered(sent, asked);
  } finally {
    clearTimeout(late);
    asked.signal?.removeEventListener("abort", giveUp);
    sent.destroy();
  }
}

async function answered(sent: ClientRequest, { body, mostBytes }: FarRequest): Promise<FarAnswer> {
  return await new Promise<FarAnswer>((resolve, reject) => {
    // For as long as the request lives: what comes after the answer must not fail the process.
    sent.on("error", reject);
    sent.once("response", (message) => {
      read(message, mostBytes).then(
        (text) => resolve({ status: message.statusCode ?? 0, headers: headersOf(message), body: text }),
        reject,
      );
    });
    sent.end(body);
  });
}

async function read(message: IncomingMessage, mostBytes: number): Promise<string> {
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
