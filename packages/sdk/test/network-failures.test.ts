import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { Berth } from "../src/client.ts";
import { nodeHttp } from "../src/transport/node-http.ts";
import { unreachable } from "../src/transport/translate-error.ts";

const failing = (code: string): Error => Object.assign(new Error("raw words"), { code });

describe("a failure of the network", () => {
  it.each([
    "EPERM",
    "EADDRNOTAVAIL",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
    "HPE_INVALID_CONSTANT",
    "CERT_NOT_YET_VALID",
  ])("is told in words: %s", (code) => {
    const { message } = unreachable("http://x", new Error("outer", { cause: failing(code) }));
    expect(message).toMatch(/^Cannot reach the server "http:\/\/x": [a-zA-Z' ,:-]+/);
    expect(message).not.toContain(code);
  });

  it("keeps a word of the system that has no sentence yet", () => {
    expect(unreachable("http://x", failing("ENEW")).message).toContain("the connection failed (ENEW)");
  });
});

describe.each([
  ["fetch", {}],
  ["Node's own HTTP", { transport: nodeHttp() }],
])("with %s", (_what, options) => {
  it("TLS to what speaks none says so, and how to mend it", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const berth = new Berth({ url, token: "t", patience: { requestMs: 0 }, ...options });
    const failure = await berth.jobs.get("x").catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "SERVER_UNREACHABLE",
      message: expect.stringContaining("what listens there speaks no TLS") as string,
      fix: "Begin the URL with http://, or check the port",
    });
    server.close();
  });
});
