import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";

let api: ApiBench;
let url: URL;
beforeAll(async () => {
  api = await ApiBench.open(() => ({}), { names: ["berth.example.com"] });
  url = new URL(await api.listen());
});
afterAll(() => api[Symbol.asyncDispose]());

async function asked(host: string, path = "/api/v1/jobs"): Promise<{ status: number; body: string }> {
  const headers = { host, authorization: `Bearer ${api.tokens.ann}` };
  const sent = request({ host: "127.0.0.1", port: url.port, path, headers }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}

describe("the host that a request names", () => {
  it.each([
    "localhost",
    "LOCALHOST:7400",
    "app-1.localhost",
    "127.0.0.1:7400",
    "10.1.2.3",
    "[::1]:7400",
    hostname(),
    "berth.example.com",
    "Berth.Example.com.:443",
  ])("may be %s", async (host) => {
    expect((await asked(host)).status).toBe(200);
  });

  it.each([
    "evil.example.com",
    "berth.example.com.evil.example",
    "localhost.evil.example",
    "127.0.0.1.nip.example",
    "notlocalhost",
    "berth.example.com@evil.example",
    ":7400",
  ])("may not be %j", async (host) => {
    const { status, body } = await asked(host);
    expect([status, JSON.parse(body)]).toMatchObject([421, { code: "HOST_UNKNOWN" }]);
    expect(body).toContain("BERTH_HTTP_NAMES");
  });

  it("is looked at on open paths too", async () => {
    for (const path of ["/", "/healthz", "/api/v1/openapi.json", "/nowhere"])
      expect((await asked("evil.example.com", path)).status).toBe(421);
  });

  it("is named once", async () => {
    const socket = connect(Number(url.port), "127.0.0.1");
    socket.write(
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.com\r\nConnection: close\r\n\r\n",
    );
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
  });
});
