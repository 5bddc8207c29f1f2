import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "../../server/test/support/in-process-server.ts";
import { asTested, launcher } from "../../server/test/support/launcher.ts";
import { type TempFolder, tempFolder } from "../../server/test/support/temp-folder.ts";
import { makeRequest } from "../src/commands/certificate/make-request.ts";
import { runBerth } from "./support/run-berth.ts";

let temp: TempFolder;
let server: InProcessServer;
beforeAll(async () => {
  temp = tempFolder();
  server = await startInProcessServer({ BERTH_GRPC_ADDRESS: "localhost:0" });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await temp[Symbol.asyncDispose]();
});

const token = (): string => server.api.authorization.slice("Bearer ".length);
const berth = (...argv: string[]) =>
  runBerth(argv, { env: { HOME: temp.path, BERTH_URL: server.url, BERTH_TOKEN: token() } });
const over = (folder: string) =>
  runBerth(["list", "--grpc", `localhost:${server.grpcPort}`], {
    env: { BERTH_CLIENT_CRED_LOCATION: folder },
  });
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe("berth login", () => {
  it("keeps a token that the server takes, for its owner's eyes only, and no other", async () => {
    const file = join(temp.path, "token");
    writeFileSync(file, `${token()}\n`);
    const env = { HOME: temp.path };
    const wrong = await runBerth(["login", "--url", server.url, "--token-file", "-"], {
      env,
      stdin: "berth_nobody",
    });
    expect(wrong.code).toBe(119);
    const config = join(temp.path, ".config/berth/config.json");
    expect(existsSync(config)).toBe(false);
    const { code } = await runBerth(["login", "--url", server.url, "--token-file", file], { env });
    expect([code, modeOf(config)]).toEqual([0, "600"]);
    expect((await runBerth(["list"], { env })).code).toBe(0);
  });

  it("--cert gets a certificate that opens gRPC, with a key that only its owner can read", async () => {
    const { code, stdout } = await berth("login", "--cert", "--ttl", "1h");
    expect([code, stdout]).toEqual([0, expect.stringContaining('Certificate of "admin" until') as string]);
    const folder = join(temp.path, ".berth/creds");
    expect([modeOf(folder), modeOf(join(folder, "client.key"))]).toEqual(["700", "600"]);
    expect((await over(folder)).code).toBe(0);
    const before = readFileSync(join(folder, "client.crt"), "utf8");
    expect((await berth("cert", "renew")).code).toBe(0);
    expect(readFileSync(join(folder, "client.crt"), "utf8")).not.toBe(before);
    expect((await over(folder)).code).toBe(0);
  });
});

describe("berth cert", () => {
  it("issues for another machine, lists and revokes", async () => {
    const out = join(temp.path, "ci");
    const { stdout, code } = await berth("cert", "issue", "ci", "--ec", "--out", out);
    expect(code).toBe(0);
    expect(new X509Certificate(readFileSync(join(out, "client.crt"))).subject).toBe("CN=ci");
    expect((await over(out)).stderr).toBe("berth: no jobs\n");
    expect((await berth("cert", "list", "ci")).stdout).toMatch(new RegExp(`${stdout.trim()} +ci .* good`));
    expect((await berth("cert", "revoke", stdout.trim())).stdout).toMatch(/of "ci" is revoked/);
    expect(await over(out)).toMatchObject({
      code: 119,
      stderr: expect.stringContaining("it was revoked") as string,
    });
  });

  it("shuts a principal out, and lets it in again", async () => {
    const out = join(temp.path, "mallory");
    await berth("cert", "issue", "mallory", "--ec", "--out", out);
    expect((await berth("cert", "lock", "mallory")).stdout).toBe('"mallory" is locked\n');
    expect((await over(out)).stderr).toContain('"mallory" is locked');
    expect((await berth("cert", "unlock", "mallory")).code).toBe(0);
    expect((await over(out)).code).toBe(0);
  });

  it("says what is missing", async () => {
    expect((await berth("cert", "issue")).stderr).toContain("there is no name");
    expect((await berth("cert", "revoke", "00")).stderr).toContain('Cannot find certificate "00"');
    expect((await berth("cert", "issue", "x", "--csr", "/nope")).stderr).toContain(
      'Cannot read --csr "/nope": ENOENT',
    );
    expect((await berth("cert", "dance")).code).toBe(118);
  });
});

describe("on the server's host, while it is down", () => {
  const run = promisify(execFile);
  const host = (dataDir: string, ...argv: string[]) =>
    run(launcher, argv, {
      env: { PATH: process.env["PATH"], ...asTested, BERTH_DATA_DIR: dataDir },
    }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, text: stderr }),
    );

  it("makes an authority once, rotates it, and shows the server's certificate", async () => {
    const dataDir = join(temp.path, "new");
    expect(await host(dataDir, "ca", "init")).toMatchObject({
      code: 0,
      text: expect.stringContaining("ca.crt") as string,
    });
    const root = readFileSync(join(dataDir, "pki/ca.crt"), "utf8");
    expect(new X509Certificate(root).publicKey.asymmetricKeyDetails?.modulusLength).toBe(4096);
    expect(modeOf(join(dataDir, "pki/authority.json"))).toBe("600");
    expect(await host(dataDir, "ca", "init")).toMatchObject({
      code: 1,
      text: expect.stringContaining("there is one") as string,
    });
    expect((await host(dataDir, "cert", "server")).text).toMatch(/^names {3}DNS:localhost, /);
    expect((await host(dataDir, "ca", "rotate")).code).toBe(0);
    expect(readFileSync(join(dataDir, "pki/ca.crt"), "utf8")).toContain(root.trim());
  });

  it("makes nothing when it is asked for help, or with a word it does not know", async () => {
    const dataDir = join(temp.path, "untouched");
    expect(await host(dataDir, "cert", "server", "--help")).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^Usage: berth cert server\n/) as string,
    });
    for (const word of ["--hlep", "again"]) {
      expect(await host(dataDir, "cert", "server", word)).toMatchObject({
        code: 1,
        text: expect.stringContaining("see `berth cert server --help`") as string,
      });
    }
    expect(existsSync(dataDir)).toBe(false);
  });

  it("leaves a folder alone that a server uses, and explains itself", async () => {
    expect(await host(server.dataDir, "ca", "rotate")).toMatchObject({
      code: 1,
      text: expect.stringMatching(/another server.*\nFix: End that server first/) as string,
    });
    expect((await host(temp.path, "ca")).text).toContain("see `berth ca --help`");
    expect((await host(temp.path, "ca", "init", "--adopt", "x")).text).toContain("--adopt needs --key");
    expect((await host(temp.path, "server", "--help")).text).toContain("BERTH_GRPC_NAMES");
  });
});

it("puts a signed request beside its own key, and not beside another", async () => {
  const [own, other] = [join(temp.path, "own"), join(temp.path, "other")];
  expect((await berth("cert", "issue", "carol", "--out", other)).code).toBe(0);
  const { csr, key } = await makeRequest({ ec: true });
  const request = join(temp.path, "carol.csr");
  writeFileSync(request, csr);
  const before = readFileSync(join(other, "client.crt"), "utf8");
  const refused = await berth("cert", "issue", "carol", "--csr", request, "--out", other);
  expect([refused.code, refused.stderr]).toEqual([
    118,
    expect.stringContaining("there is a client.key of another pair") as string,
  ]);
  expect(readFileSync(join(other, "client.crt"), "utf8")).toBe(before);
  mkdirSync(own);
  writeFileSync(join(own, "client.key"), key, { mode: 0o600 });
  expect((await berth("cert", "issue", "carol", "--csr", request, "--out", own)).code).toBe(0);
  expect(readFileSync(join(own, "client.key"), "utf8")).toBe(key);
  expect((await over(own)).code).toBe(0);
});

it("puts a new key over none but that of the same name", async () => {
  const folder = join(temp.path, "dave");
  const issue = (name: string) => berth("cert", "issue", name, "--ec", "--out", folder);
  const files = (): string[] =>
    ["client.key", "client.crt"].map((file) => readFileSync(join(folder, file), "utf8"));
  expect((await issue("dave")).code).toBe(0);
  const before = files();
  const refused = await issue("erin");
  expect([refused.code, refused.stderr]).toEqual([
    118,
    expect.stringMatching(
      /the key of "erin" into ".*dave": there is a client.key of "dave"[^]*--out/,
    ) as string,
  ]);
  const env = { BERTH_URL: server.url, BERTH_TOKEN: token(), BERTH_CLIENT_CRED_LOCATION: folder };
  const login = await runBerth(["login", "--cert"], { env });
  expect([login.code, login.stderr]).toEqual([118, expect.stringContaining('the key of "admin"') as string]);
  expect(files()).toEqual(before);
  // Its key was thrown away: nobody has a use for the certificate.
  const [newest] = JSON.parse((await berth("cert", "list", "--json")).stdout) as Record<string, unknown>[];
  expect(newest).toMatchObject({ name: "admin", revokedAt: expect.any(String) as string });
  expect((await issue("dave")).code).toBe(0);
  expect(files()[0]).not.toBe(before[0]);
  // A key that waits for its certificate is nobody's to lose either.
  rmSync(join(folder, "client.crt"));
  expect((await issue("dave")).stderr).toContain("that no certificate beside it names");
});
