import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "../../server/test/support/in-process-server.ts";
import { tempFolder } from "../../server/test/support/temp-folder.ts";
import { runBerth } from "./support/run-berth.ts";

let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcessServer({});
});
afterAll(() => server[Symbol.asyncDispose]());

const asAdmin = (argv: string[], input?: string) =>
  runBerth(argv, {
    env: { BERTH_URL: server.url, BERTH_TOKEN: server.api.authorization.slice("Bearer ".length) },
    ...(input !== undefined && { stdin: input }),
  });
const secret = "correct horse battery staple";

it("makes a user, who logs in, chooses a password, is seen, and logs out", async () => {
  await using home = tempFolder();
  const as = (argv: string[], input?: string) =>
    runBerth(argv, { env: { HOME: home.path }, ...(input !== undefined && { stdin: input }) });
  const made = await asAdmin(["user", "create", "eve", "--display", "Eve Moe", "--role", "viewer"]);
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining("not shown again") as string]);
  const first = made.stdout.trim();
  const login = ["login", "--url", server.url, "--user", "Eve", "--password-file", "-"];
  const wrong = await as(login, "wrong\n");
  expect([wrong.code, wrong.stderr]).toEqual([119, expect.stringContaining("do not go together") as string]);
  const right = await as(login, `${first}\n`);
  expect([right.code, right.stderr]).toEqual([0, expect.stringContaining("berth user password") as string]);
  const config = join(home.path, ".config/berth/config.json");
  expect(statSync(config).mode & 0o777).toBe(0o600);
  expect(Object.keys(JSON.parse(readFileSync(config, "utf8")) as object)).toEqual(["url", "token"]);
  expect((await as(["list"])).stderr).toContain("chosen by somebody else");
  const change = await as(["user", "password", "--password-file", "-"], `${first}\n${secret}\n`);
  const stays = "berth: tokens and certificates stay: see `berth token list` and `berth cert list`\n";
  expect([change.code, change.stderr]).toEqual([0, stays]);
  expect((await as(["whoami"])).stdout).toMatch(/^eve \(self, viewer\), by session /);
  expect((await as(["session", "list"])).stdout).toMatch(/eve +127\.0\.0\.1 +berth-cli \(this one\)/);
  expect((await asAdmin(["user", "list"])).stdout).toMatch(/^eve +Eve Moe +active/m);
  expect((await asAdmin(["user", "get", "eve"])).stdout).toMatch(/^eve \(Eve Moe\), active/);
  const out = await as(["logout"]);
  expect([out.code, out.stdout]).toEqual([0, `Logged out at ${server.url}\n`]);
  expect(Object.keys(JSON.parse(readFileSync(config, "utf8")) as object)).toEqual(["url"]);
});

it("locks, deletes and restores users, and sets their passwords", async () => {
  const file = await asAdmin(["user", "create", "dan", "--password-file", "-"], `${secret}\n`);
  expect([file.code, file.stdout]).toEqual([0, ""]);
  expect((await asAdmin(["user", "lock", "dan"])).stdout).toBe("dan is locked\n");
  expect((await asAdmin(["user", "unlock", "dan"])).stdout).toBe("dan is new\n");
  expect((await asAdmin(["user", "password", "dan"])).stdout).toMatch(/^\w{5}(-\w{5}){3}\n$/);
  expect((await asAdmin(["user", "password", "dan", "--no-password"])).stdout).toBe("");
  expect((await asAdmin(["user", "delete", "dan"])).stdout).toBe("dan\n");
  expect((await asAdmin(["user", "create", "dan"])).stderr).toContain("there is, or was, one of this name");
  expect((await asAdmin(["user", "restore", "dan"])).stdout).toBe("dan is active\n");
  const link = ["--provider", "corp", "--subject", "S-1"];
  expect((await asAdmin(["user", "link", "dan", ...link])).code).toBe(0);
  expect((await asAdmin(["user", "get", "dan"])).stdout).toContain("known to corp as S-1");
  expect((await asAdmin(["user", "unlink", "dan", ...link])).code).toBe(0);
  expect((await asAdmin(["user", "update", "dan", "--display", "Dan"])).stdout).toBe("dan is active\n");
});

it("keeps several servers by profiles, and takes the one that BERTH_PROFILE names, else the last", async () => {
  await using home = tempFolder();
  const tokenFile = join(home.path, "token");
  writeFileSync(tokenFile, server.api.authorization.slice("Bearer ".length));
  const as = (argv: string[], env: Record<string, string> = {}) =>
    runBerth(argv, { env: { HOME: home.path, ...env } });
  const keep = (profile: string) =>
    as(["login", "--url", server.url, "--token-file", tokenFile, "--profile", profile]);
  expect((await keep("home")).code).toBe(0);
  expect((await keep("work")).code).toBe(0);
  const config = JSON.parse(readFileSync(join(home.path, ".config/berth/config.json"), "utf8")) as unknown;
  expect(config).toMatchObject({ current: "work", profiles: { home: { url: server.url }, work: {} } });
  expect((await as(["whoami"])).code).toBe(0);
  expect((await as(["whoami"], { BERTH_PROFILE: "home" })).code).toBe(0);
  const missing = await as(["whoami"], { BERTH_PROFILE: "moon" });
  expect([missing.code, missing.stderr]).toEqual([118, expect.stringContaining("home, work") as string]);
  expect((await keep("../x")).code).toBe(118);
});

it.each([
  [["user", "create"], "there is no name"],
  [["user", "update", "eve"], "nothing is said"],
  [["user", "link", "eve"], "say where it is known"],
  [["user", "eat"], "eat"],
  [["session", "revoke"], "there is no id"],
  [["session", "eat"], "eat"],
  [["login", "--user", "eve"], "stdin is no terminal"],
  [["login", "--user", "eve", "--token-file", "x"], "log in twice"],
])("refuses %j", async (argv, said) => {
  const { code, stderr } = await asAdmin(argv);
  expect([code, stderr]).toEqual([118, expect.stringContaining(said) as string]);
});

it("does not log a token out", async () => {
  const { code, stderr } = await asAdmin(["logout"]);
  expect([code, stderr]).toEqual([120, expect.stringContaining("you came by token") as string]);
});
