import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { request, type RequestOptions } from "node:https";
import { connect as connectPlain, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueServer } from "../src/pki/issue.ts";
import { startInProcessServer, type InProcessServer } from "./support/in-process-server.ts";
import { openPkiBench, type PkiBench } from "./support/pki-bench.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { until } from "./support/until.ts";

let server: InProcessServer;
let ca: string;
let port: number;
let token: string;
beforeAll(async () => {
  server = await startInProcessServer({
    BERTH_HTTP_ADDRESS: "0.0.0.0:0",
    BERTH_HTTP_TLS: "built-in",
    BERTH_HTTP_NAMES: "berth.example.com",
    BERTH_MAX_CONNECTIONS: "32",
  });
  ca = readFileSync(join(server.dataDir, "pki/ca.crt"), "utf8");
  token = readFileSync(join(server.dataDir, "admin-token"), "utf8").trim();
  port = Number(new URL(server.url).port);
});
afterAll(() => server[Symbol.asyncDispose]());

type Asking = Omit<RequestOptions, "headers"> & { headers?: { host: string } };

async function asked(path: string, options: Asking = {}): Promise<{ status: number; body: string }> {
  const headers = { authorization: `Bearer ${token}`, ...options.headers };
  const sent = request({ host: "localhost", port, path, ca, agent: false, ...options, headers }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}

/** The connection after its handshake, or why there is none. */
async function handshake(options: ConnectionOptions = {}): Promise<TLSSocket | NodeJS.ErrnoException> {
  const socket = connect({ host: "localhost", port, ca, servername: "localhost", ...options });
  return new Promise((resolve) => {
    socket.once("error", resolve).once("secureConnect", () => resolve(socket));
  });
}

describe("REST over TLS with the built-in authority", () => {
  it("listens on every address, and says so", () => {
    expect(server.url).toMatch(/^https:\/\/0\.0\.0\.0:\d+$/);
  });

  it.each(["localhost", "127.0.0.1", "berth.example.com"])(
    "is known as %s by its certificate",
    async (name) => {
      const named = name === "127.0.0.1" ? { host: name } : { servername: name, headers: { host: name } };
      const { status } = await asked("/api/v1/jobs", named);
      expect(status).toBe(200);
    },
  );

  it("is not believed by whoever does not know the authority, or asks for another name", async () => {
    expect(await handshake({ ca: [] })).toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    expect(await handshake({ servername: "other.example.com" })).toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  it.each([
    ["TLSv1.3", {}],
    ["TLSv1.2", { maxVersion: "TLSv1.2" }],
  ] as const)("speaks %s", async (version, options) => {
    const socket = await handshake(options);
    if (!("getProtocol" in socket)) throw socket;
    expect(socket.getProtocol()).toBe(version);
    socket.destroy();
  });

  it.each([
    ["an older version", { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }],
    ["a suite without forward secrecy", { maxVersion: "TLSv1.2", ciphers: "AES128-GCM-SHA256" }],
    ["a suite of blocks", { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-SHA256" }],
  ] as const)("refuses %s", async (_what, options) => {
    expect(await handshake(options)).toMatchObject({
      code: expect.stringMatching(/SSL|ECONNRESET/) as string,
    });
  });

  it("tells a client that speaks no TLS what to do, and answers it nothing else", async () => {
    const socket = connectPlain(port, "localhost");
    socket.write(`GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.slice(answer.indexOf("{")))).toMatchObject({
      code: "REQUEST_INVALID",
      message: expect.stringContaining("HTTPS alone") as string,
      fix: expect.stringContaining("https://") as string,
    });
  });

  it("refuses a name that it does not know, also by TLS", async () => {
    expect(
      await asked("/healthz", { servername: "localhost", headers: { host: "evil.example" } }),
    ).toMatchObject({ status: 421 });
  });

  it("lets silent connections and half handshakes give way to whoever asks", async () => {
    const silent: Socket[] = [];
    const gone: Socket[] = [];
    const open = async (first: Buffer | null): Promise<void> => {
      const socket = connectPlain(port, "localhost").on("error", () => undefined);
      socket.once("close", () => gone.push(socket));
      await once(socket, "connect");
      if (first !== null) socket.write(first);
      silent.push(socket);
    };
    for (let count = 0; count < 12; count += 1) {
      await open(null);
      await open(Buffer.from([0x16, 3, 1, 2, 0, 1]));
    }
    expect((await asked("/api/v1/jobs")).status).toBe(200);
    await until(() => gone.length >= silent.length - 16, { what: "the oldest to give way" });
    for (const socket of silent) socket.destroy();
  });

  it("is told of by the doctor", async () => {
    const { body } = await asked("/api/v1/server");
    const { trust } = JSON.parse(body) as { trust: { checks: { name: string; detail: string }[] } };
    expect(trust.checks.find(({ name }) => name === "rest")?.detail).toMatch(/^HTTPS.*replaced by itself/);
  });
});

it("closes in time whatever stands open", async () => {
  const own = await startInProcessServer({ BERTH_HTTP_TLS: "built-in" });
  const to = { host: "127.0.0.1", port: Number(new URL(own.url).port) };
  const closed: Promise<unknown>[] = [];
  for (const first of [null, Buffer.from([0x16, 3, 1])]) {
    const socket = connectPlain(to).on("error", () => undefined);
    await once(socket, "connect");
    if (first !== null) socket.write(first);
    closed.push(once(socket, "close"));
  }
  const known = readFileSync(join(own.dataDir, "pki/ca.crt"), "utf8");
  const unused = await handshake({ ...to, ca: known });
  if (unused instanceof Error) throw unused;
  closed.push(once(unused.resume(), "close"));
  await own[Symbol.asyncDispose]();
  await expect(Promise.all(closed)).resolves.toHaveLength(3);
});

describe("REST over TLS with certificates of somebody else's", () => {
  let bench: PkiBench;
  beforeAll(async () => {
    bench = await openPkiBench();
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  async function put(folder: string): Promise<string> {
    const pair = await issueServer(bench, { key: "ec-p256" });
    writeFileSync(join(folder, "server.crt"), pair.chainPem);
    writeFileSync(join(folder, "server.key"), pair.key.reveal());
    return pair.record.serial;
  }

  it("shows them, needs no ca.crt, and takes up new ones while requests go on", async () => {
    await using folder = tempFolder();
    const first = await put(folder.path);
    await using own = await startInProcessServer({ BERTH_HTTP_TLS: folder.path });
    const to = { host: "127.0.0.1", port: Number(new URL(own.url).port), ca: bench.ca.roots };
    const serialOf = async (): Promise<string> => {
      const socket = await handshake(to);
      if (socket instanceof Error) throw socket;
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber.toLowerCase().replace(/^0+/, "");
    };
    const same = (serial: string) => serial.toLowerCase().replace(/^0+/, "");
    expect(await serialOf()).toBe(same(first));
    const standing = await handshake(to);
    const second = await put(folder.path);
    await until(async () => (await serialOf()) === same(second), { what: "the new certificate" });
    // Whoever was connected stays so.
    if (standing instanceof Error) throw standing;
    standing.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect(await text(standing)).toMatch(/^HTTP\/1\.1 200 /);
    writeFileSync(join(folder.path, "server.crt"), "nonsense");
    expect(await serialOf()).toBe(same(second));
  });

  it("does not start without them", async () => {
    await using folder = tempFolder();
    await expect(startInProcessServer({ BERTH_HTTP_TLS: folder.path })).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      message: expect.stringContaining("server.crt") as string,
    });
  });
});

it("believes a trusted proxy of the name that a client used, and nobody else", async () => {
  const named = { "x-forwarded-host": "evil.example" };
  await using plain = await startInProcessServer({});
  await using behind = await startInProcessServer({ BERTH_TRUSTED_PROXIES: "127.0.0.1" });
  const statusOf = async (url: string): Promise<number> =>
    (await fetch(`${url}/healthz`, { headers: named })).status;
  expect([await statusOf(plain.url), await statusOf(behind.url)]).toEqual([200, 421]);
});
