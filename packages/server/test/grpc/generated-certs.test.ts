import { execFile, spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { openFolderCredentials } from "../../src/pki/credentials/folder-credentials.ts";
import { PrivateKeyPem } from "../../src/pki/keys.ts";
import { connect, openGrpcBench, whoAmI } from "../support/grpc-bench.ts";
import { openssl } from "../support/openssl.ts";
import { type TempFolder, tempFolder } from "../support/temp-folder.ts";

const run = promisify(execFile);
const script = resolve(import.meta.dirname, "../../../../scripts/generate-certs.sh");
const hasPython = spawnSync("python3", ["-c", "import ssl"]).status === 0;
if (!hasPython)
  console.warn("SKIPPED: python3 is missing, so that no TLS library but OpenSSL's and Node's is tried");

let temp: TempFolder;
let folder: string;
beforeAll(async () => {
  temp = tempFolder();
  folder = join(temp.path, "certs");
  await run(script, [folder]);
});
afterAll(() => temp[Symbol.asyncDispose]());

const text = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
const names = ["ca", "client1", "client2", "server"];

async function refusal(args: readonly string[]): Promise<{ code: number; stderr: string }> {
  return run(script, args).then(
    () => ({ code: 0, stderr: "" }),
    (error: { code: number; stderr: string }) => error,
  );
}

describe("scripts/generate-certs.sh", () => {
  it("makes an authority, a server and two clients, keys for the owner's eyes only", async () => {
    expect((await readdir(folder)).toSorted()).toEqual(
      names.flatMap((name) => [`${name}.crt`, `${name}.key`]),
    );
    for (const name of names) {
      expect((await stat(join(folder, `${name}.key`))).mode & 0o777).toBe(0o600);
      const certificate = new X509Certificate(await text(`${name}.crt`));
      expect(certificate.checkPrivateKey(createPrivateKey(await text(`${name}.key`)))).toBe(true);
      expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(name === "ca" ? 4096 : 2048);
      expect(certificate.subject).toBe(name === "ca" ? "CN=Berth try-out CA" : `CN=${name}`);
    }
  });

  it.each([
    ["server", "sslserver"],
    ["client1", "sslclient"],
    ["client2", "sslclient"],
  ])("makes %s hold for OpenSSL's strict rules as %s, and as nothing else", async (name, purpose) => {
    const verify = (wanted: string) =>
      openssl(["verify", "-x509_strict", "-purpose", wanted, "-CAfile", "ca.crt", `${name}.crt`], folder);
    expect(await verify(purpose)).toMatchObject({ ok: true });
    expect(await verify(purpose === "sslserver" ? "sslclient" : "sslserver")).toMatchObject({ ok: false });
  });

  it("names the server localhost, 127.0.0.1 and as this host", async () => {
    const certificate = new X509Certificate(await text("server.crt"));
    for (const name of ["localhost", hostname()]) expect(certificate.checkHost(name)).toBe(name);
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  });

  it("keeps what is there unless forced, and leaves nothing lying about", async () => {
    const before = await text("client2.key");
    expect(await refusal([folder])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("exists") as string,
    });
    expect(await text("client2.key")).toBe(before);
    await using other = tempFolder();
    await writeFile(join(other.path, "client2.key"), "mine");
    expect(await refusal([other.path])).toMatchObject({ code: 1 });
    expect(await readdir(other.path)).toEqual(["client2.key"]);
    await run(script, [other.path, "--force"]);
    expect((await readdir(other.path)).length).toBe(8);
    expect(await readFile(join(other.path, "client2.key"), "utf8")).toContain("PRIVATE KEY");
  });

  it.each([[[]], [["--nope"]], [["a", "b"]]])("explains itself to %j", async (args) => {
    expect(await refusal(args)).toMatchObject({ code: 2 });
  });

  it("works in a folder whose name has spaces and begins with a dash", async () => {
    await run(script, ["./-my certs"], { cwd: temp.path });
    expect(await readdir(join(temp.path, "-my certs"))).toHaveLength(8);
  });
});

describe("a server with these certificates", () => {
  const pair = async (name: string) => ({
    key: new PrivateKeyPem(await text(`${name}.key`)),
    chainPem: await text(`${name}.crt`),
  });
  const report = (): void => {};

  it("lets both clients in, each under its name", async () => {
    await using source = await openFolderCredentials({ folder, clock: systemClock, report });
    await using grpc = await openGrpcBench(source);
    for (const name of ["client1", "client2"]) {
      using client = connect(grpc.port, { roots: await text("ca.crt"), pair: await pair(name) });
      expect(await whoAmI(client)).toMatchObject({ owner: name });
    }
    using stranger = connect(grpc.port, { roots: await text("ca.crt"), pair: await pair("server") });
    await expect(whoAmI(stranger)).rejects.toMatchObject({ code: 14 });
  });

  it.skipIf(!hasPython)("is trusted by Python in strict mode, over IPv4 and by name", async () => {
    await using source = await openFolderCredentials({ folder, clock: systemClock, report });
    await using grpc = await openGrpcBench(source);
    for (const host of ["localhost", "127.0.0.1"]) {
      const { stdout } = await run("python3", ["-c", handshake, host, String(grpc.port), folder]);
      expect(stdout.trim()).toBe("TLSv1.3 TLS_AES_128_GCM_SHA256 h2");
    }
  });
});

const handshake = `
import socket, ssl, sys
host, port, folder = sys.argv[1:]
context = ssl.create_default_context(cafile=folder + "/ca.crt")
context.verify_flags |= ssl.VERIFY_X509_STRICT
context.load_cert_chain(folder + "/client1.crt", folder + "/client1.key")
context.set_alpn_protocols(["h2"])
with socket.create_connection((host, int(port))) as plain:
    with context.wrap_socket(plain, server_hostname=host) as secure:
        assert secure.recv(9)[3] == 4, "the server's settings come first"
        print(secure.version(), secure.cipher()[0], secure.selected_alpn_protocol())
`;
