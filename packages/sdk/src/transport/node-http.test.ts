import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeHttp } from "./node-http.ts";
import type { ByteReader } from "./transport.ts";

let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const send = nodeHttp();
const get = { method: "GET", headers: {} };

async function textOf(reader: ByteReader | null): Promise<string> {
  let text = "";
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || value === undefined) return text;
    text += Buffer.from(value).toString();
  }
}

describe("a request by Node's own HTTP", () => {
  it.each([
    ["GET", undefined, { length: undefined, chunks: undefined }],
    ["DELETE", undefined, { length: undefined, chunks: undefined }],
    ["POST", undefined, { length: "0", chunks: undefined }],
    ["POST", '{"ä":1}', { length: "8", chunks: undefined }],
  ])("%s with the body %j has a length where it needs one", async (method, body, wanted) => {
    let seen = "";
    answer = (request, response) => {
      void (async () => {
        for await (const piece of request) seen += String(piece);
        const { "content-length": length, "transfer-encoding": chunks, "x-mine": mine } = request.headers;
        response.end(JSON.stringify({ method: request.method, length, chunks, mine }));
      })();
    };
    const sent = await send(url, {
      method,
      headers: { "x-mine": "1" },
      ...(body !== undefined && { body }),
    });
    expect(JSON.parse(await textOf(sent.reader()))).toEqual({ method, ...wanted, mine: "1" });
    expect(seen).toBe(body ?? "");
  });

  it("brings status, type and when to come back", async () => {
    answer = (_request, response) =>
      response.writeHead(429, { "content-type": "Text/Plain; charset=utf-8", "retry-after": "3" }).end("x");
    expect(await send(url, get)).toMatchObject({
      status: 429,
      contentType: "text/plain",
      retryAfterMs: 3000,
    });
    answer = (_request, response) => response.writeHead(204).end();
    expect(await send(url, get)).toMatchObject({ status: 204, contentType: "", retryAfterMs: null });
  });

  it("follows no redirect", async () => {
    answer = (_request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    expect((await send(url, get)).status).toBe(302);
  });

  it("that nobody takes says why", async () => {
    server.close();
    server.closeAllConnections();
    await expect(send(url, get)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("ends with its signal, before the answer and after", async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const waiting = send(url, { ...get, signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    answer = (_request, response) => response.write("begun");
    const later = new AbortController();
    const reader = (await send(url, { ...get, signal: later.signal })).reader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("begun");
    const next = reader?.read();
    later.abort();
    await expect(next).rejects.toThrow(/abort/);
  });
});

describe("an answer's body", () => {
  it("comes whole, however slowly it is read, and holds little meanwhile", async () => {
    const whole = "x".repeat(4 << 20);
    answer = (_request, response) => response.end(whole);
    const reader = (await send(url, get)).reader();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await textOf(reader)).toBe(whole);
    // Who asks again is told the same.
    expect(await reader?.read()).toEqual({ done: true });
  });

  it("that nobody reads stops the sender", async () => {
    let left = 0;
    answer = (_request, response) => {
      response.write("x".repeat(64 << 20));
      setTimeout(() => (left = response.writableLength), 100);
    };
    const reader = (await send(url, get)).reader();
    await reader?.read();
    await expect.poll(() => left).toBeGreaterThan(32 << 20);
    await reader?.cancel();
  });

  it("that is cut off is no end, also for who asks afterwards", async () => {
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("12345");
      setTimeout(() => response.destroy(), 20);
    };
    const reader = (await send(url, get)).reader();
    await expect(textOf(reader)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(reader?.read()).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it("that is cancelled ends who waits for it, and the request", async () => {
    let closed = false;
    answer = (_request, response) => {
      response.on("close", () => (closed = true));
      response.write("1");
    };
    const reader = (await send(url, get)).reader();
    await reader?.read();
    const waiting = reader?.read();
    await reader?.cancel();
    await expect(waiting).rejects.toMatchObject({ code: "ECONNRESET", message: "the connection was closed" });
    await expect.poll(() => closed).toBe(true);
  });
});

it("lets the process of whoever asked end after an answer without a body, however long the server keeps connections", async () => {
  answer = (_request, response) => void response.writeHead(204).end();
  server.keepAliveTimeout = 0;
  const here = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    const { Http } = await import(${here("http.ts")});
    const { nodeHttp } = await import(${here("node-http.ts")});
    const options = { url: ${JSON.stringify(url)}, transport: nodeHttp(), userAgent: "test", patience: {} };
    await new Http(options).json({ route: { method: "DELETE", path: "/" } });`;
  const words = ["--conditions=berth-source", "--input-type=module", "-e", program];
  // Only a process that goes on is ended by this.
  const ended = promisify(execFile)(process.execPath, words, { timeout: 120_000 });
  await expect(ended).resolves.toMatchObject({ stdout: "" });
});
