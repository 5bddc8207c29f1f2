import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openssl } from "../../test/support/openssl.ts";
import { tempFolder } from "../../test/support/temp-folder.ts";
import { type Reach, reachOf, whyRefused } from "./reach.ts";
import { send } from "./send.ts";

let requests: string[] = [];
const serve: RequestListener = (request, response) => {
  requests.push(`${request.method} ${request.url}`);
  if (request.url === "/moved") return void response.writeHead(302, { location: "/there" }).end();
  if (request.url === "/silent") return;
  if (request.url === "/endless") {
    response.write("begun");
    return;
  }
  if (request.url === "/large") return void response.end("x".repeat(5000));
  if (request.url === "/cut") {
    response.writeHead(200, { "content-length": "100" }).write("half");
    return void setImmediate(() => request.socket.destroy());
  }
  if (request.url === "/switch")
    return void request.socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    );
  request.setEncoding("utf8").on("data", (text: string) => requests.push(text));
  request.on("end", () => response.end("well"));
};

let plain: Server;
let port: number;
beforeAll(async () => {
  plain = createServer(serve).listen(0, "127.0.0.1");
  await once(plain, "listening");
  ({ port } = plain.address() as AddressInfo);
});
afterAll(() => {
  plain.closeAllConnections();
  plain.close();
});

interface Asking {
  reach?: Reach;
  timeoutMs?: number;
  ca?: string | null;
  body?: string;
}

function ask(url: string, { reach = "anywhere", timeoutMs = 60_000, ca = null, body }: Asking = {}) {
  requests = [];
  const method = body === undefined ? "GET" : "POST";
  const rest = { ca, reach, timeoutMs, mostBytes: 4096, ...(body !== undefined && { body }) };
  return send({ url: new URL(url), method, ...rest });
}

const open: Reach = reachOf([]);

it.each([
  "127.0.0.1",
  "2130706433",
  "0x7f.1",
  "127.1",
  "0177.0.0.1",
  "localhost",
  "LOCALHOST",
  "[::1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "0.0.0.0",
  "[::]",
])("sends nothing to this host as %s", async (host) => {
  await expect(ask(`http://${host}:${port}/`, { reach: open })).rejects.toThrow(/is closed/);
  expect(requests).toEqual([]);
});

it.each(["10.0.0.5", "169.254.169.254", "192.168.7.7", "fd00:ec2::254", "fe80::1%eth0", "::ffff:10.0.0.5"])(
  "counts %s among what is closed, unless it is named",
  (address) => {
    expect(whyRefused(address, open)).not.toBeNull();
    expect(whyRefused(address, "anywhere")).toBeNull();
    const named = reachOf(["10.0.0.0/8", "169.254.169.254", "::ffff:192.168.0.0/112", "fd00::/8"]);
    expect(whyRefused(address, named) === null).toBe(!address.includes("%"));
  },
);

it("sends to what is closed where that is named, by its address and by a name for it", async () => {
  const reach = reachOf(["127.0.0.0/8"]);
  for (const host of ["127.0.0.1", "localhost"])
    expect(await ask(`http://${host}:${port}/a?b`, { reach, body: "what" })).toMatchObject({
      status: 200,
      body: "well",
    });
  expect(requests).toEqual(["POST /a?b", "what"]);
});

it("follows no redirect", async () => {
  expect(await ask(`http://127.0.0.1:${port}/moved`)).toMatchObject({ status: 302 });
  expect(requests).toEqual(["GET /moved"]);
});

it("gives up on an answer that does not come, does not end, is cut, or is too large", async () => {
  const at = `http://127.0.0.1:${port}`;
  await expect(ask(`${at}/silent`, { timeoutMs: 300 })).rejects.toThrow("no answer within 300 ms");
  await expect(ask(`${at}/endless`, { timeoutMs: 300 })).rejects.toThrow("no answer within 300 ms");
  await expect(ask(`${at}/cut`)).rejects.toThrow(/aborted|hang up/);
  await expect(ask(`${at}/large`)).rejects.toThrow("larger than 4096 bytes");
});

it("gives up at once on an answer that changes to another protocol", async () => {
  await expect(ask(`http://127.0.0.1:${port}/switch`)).rejects.toThrow("ended before an answer");
});

it("speaks to nobody whose certificate is not the host's, or is signed by nobody it trusts", async () => {
  await using folder = tempFolder();
  const pair = [
    "-keyout",
    "key.pem",
    "-out",
    "cert.pem",
    "-subj",
    "/CN=x",
    "-addext",
    "subjectAltName=DNS:localhost",
  ];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const made = await openssl(["req", "-x509", "-days", "3", ...key, ...pair], folder.path);
  expect(made).toMatchObject({ ok: true });
  const [cert, secret] = ["cert.pem", "key.pem"].map((file) => readFileSync(join(folder.path, file), "utf8"));
  const server = createSecureServer({ cert, key: secret }, serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const secure = (server.address() as AddressInfo).port;
  const ca = cert ?? "";
  await expect(ask(`https://localhost:${secure}/`)).rejects.toThrow(/self-signed/);
  await expect(ask(`https://127.0.0.1:${secure}/`, { ca })).rejects.toThrow(/altnames/);
  expect(requests).toEqual([]);
  expect(await ask(`https://localhost:${secure}/`, { ca })).toMatchObject({ body: "well" });
  server.closeAllConnections();
  server.close();
});
