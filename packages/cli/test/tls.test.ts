import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startInProcessServer, type InProcessServer } from "../../server/test/support/in-process-server.ts";
import { type TempFolder, tempFolder } from "../../server/test/support/temp-folder.ts";
import { runBerth } from "./support/run-berth.ts";

let server: InProcessServer;
let home: TempFolder;
let token: string;
let ca: string;
beforeAll(async () => {
  server = await startInProcessServer({ BERTH_HTTP_TLS: "built-in" });
  home = tempFolder();
  token = readFileSync(join(server.dataDir, "admin-token"), "utf8").trim();
  ca = join(server.dataDir, "pki/ca.crt");
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const list = (env: Record<string, string>, ...flags: string[]) =>
  runBerth(["list", "--url", server.url, ...flags], { env: { BERTH_TOKEN: token, ...env } });

it("talks TLS to a server whose authority was named", async () => {
  for (const told of [await list({}, "--ca", ca), await list({ BERTH_CA: ca })])
    expect(told).toMatchObject({ code: 0, stderr: "berth: no jobs\n" });
});

it("tells whoever has not named it how to", async () => {
  const { code, stderr } = await list({});
  expect([code, stderr]).toEqual([122, expect.stringMatching(/unknown authority[^]*BERTH_CA=FILE/)]);
});

it("knows the authority of a server on this machine whose data folder it may read", async () => {
  expect(await list({ BERTH_DATA_DIR: server.dataDir })).toMatchObject({ code: 0 });
});

it("keeps the authority with the token at login", async () => {
  const env = { XDG_CONFIG_HOME: home.path };
  const file = join(server.dataDir, "admin-token");
  const login = ["login", "--url", server.url, "--ca", ca, "--token-file", file];
  expect(await runBerth(login, { env })).toMatchObject({ code: 0 });
  expect(await runBerth(["list"], { env })).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(join(home.path, "berth/config.json"), "utf8"))).toEqual({
    url: server.url,
    token,
    ca,
  });
});

it.each([
  ["is not there", "/nowhere/ca.crt", /Cannot read the authority "\/nowhere\/ca\.crt"/],
  ["is none", "", /it holds no certificate in PEM/],
])("names a file that %s", async (_what, path, message) => {
  const empty = join(home.path, "empty.crt");
  writeFileSync(empty, "nothing");
  const { code, stderr } = await list({}, "--ca", path || empty);
  expect([code, stderr]).toEqual([118, expect.stringMatching(message)]);
});

it("is told by a server with TLS that the URL begins with http://", async () => {
  const { code, stderr } = await runBerth(["list", "--url", server.url.replace("https:", "http:")], {
    env: { BERTH_TOKEN: token },
  });
  expect([code, stderr]).toEqual([118, expect.stringMatching(/HTTPS alone[^]*https:\/\//)]);
});
