import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startInProcessServer, type InProcessServer } from "../../server/test/support/in-process-server.ts";
import { SmallIssuer } from "../../server/test/support/small-issuer.ts";
import { type TempFolder, tempFolder } from "../../server/test/support/temp-folder.ts";
import { runBerth } from "./support/run-berth.ts";

let issuer: SmallIssuer;
let server: InProcessServer;
let home: TempFolder;
beforeAll(async () => {
  issuer = await SmallIssuer.start();
  home = tempFolder();
  const sso = { issuer: issuer.url, clientId: "berth" };
  server = await startInProcessServer({ BERTH_OIDC: JSON.stringify({ sso }) });
});
beforeEach(() => issuer.behave());
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const berth = (...argv: string[]) => runBerth(argv, { env: { XDG_CONFIG_HOME: home.path } });
const logIn = (...more: string[]) => berth("login", "--url", server.url, "--device", ...more);

it("says where the login goes on, waits for its end, and is that user from then on", async () => {
  expect(await logIn("--provider", "sso")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`Logged in at ${server.url}`) as string,
    stderr: `Open ${issuer.url}/codes\nand check that it shows the code AAAA\n`,
  });
  const { stdout } = await berth("whoami", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ name: "ann", credential: { kind: "session" } });
});

it("ends where the login was refused there", async () => {
  issuer.token = async () => ({ error: "access_denied" });
  const { code, stderr } = await logIn("--provider", "sso");
  expect([code, stderr]).toEqual([
    expect.any(Number),
    expect.stringMatching(/it was refused there[^]*UNAUTHENTICATED/),
  ]);
  expect(code).not.toBe(0);
});

it.each([
  [[], /Cannot log in by a device: it takes --provider/],
  [["--provider", "sso", "--user", "ann"], /Cannot log in by a device: it takes --provider/],
  [["--provider", "nobody"], /must be one of sso/],
])("is told what is missing of %j", async (flags, message) => {
  const { code, stderr } = await logIn(...flags);
  expect([code === 0, stderr]).toEqual([false, expect.stringMatching(message)]);
});
