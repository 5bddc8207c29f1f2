import { createPublicKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openssl } from "../../test/support/openssl.ts";
import { openPkiBench, type PkiBench } from "../../test/support/pki-bench.ts";
import { signClientRequest } from "./csr.ts";

let bench: PkiBench;
let folder: string;
beforeEach(async () => {
  bench = await openPkiBench();
  folder = dirname(bench.folder);
});
afterEach(() => bench[Symbol.asyncDispose]());

async function request(key: readonly string[], more: readonly string[] = []): Promise<string> {
  const args = [
    "req",
    "-new",
    "-nodes",
    ...key,
    "-keyout",
    "own.key",
    "-out",
    "own.csr",
    "-subj",
    "/CN=admin",
    ...more,
  ];
  const made = await openssl(args, folder);
  if (!made.ok) throw new Error(made.text);
  return readFile(join(folder, "own.csr"), "utf8");
}

const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
const sign = (csrPem: string) => signClientRequest(bench, { csrPem, principal: "alice" });

describe("a request that a client makes", () => {
  it.each([
    ["RSA", ["-newkey", "rsa:2048"]],
    ["RSA-4096", ["-newkey", "rsa:4096"]],
    ["EC", ec],
    ["EC on P-384", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"]],
  ])("is signed with its own %s key, whatever name it asks for", async (_what, key) => {
    const { chainPem, record } = await sign(await request(key));
    const certificate = new X509Certificate(chainPem);
    expect(certificate.subject).toBe("CN=alice");
    expect(record).toMatchObject({ cn: "alice", kind: "client" });
    const own = createPublicKey(await readFile(join(folder, "own.key"), "utf8"));
    expect(certificate.publicKey.equals(own)).toBe(true);
  });

  it("gets none of the extensions that it asks for", async () => {
    const more = [
      "-addext",
      "basicConstraints=critical,CA:TRUE",
      "-addext",
      "subjectAltName=DNS:evil.example",
    ];
    const { chainPem } = await sign(await request(ec, more));
    const certificate = new X509Certificate(chainPem);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBeUndefined();
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  it("is refused when another key signed it", async () => {
    const bytes = async (): Promise<Buffer> =>
      Buffer.from((await request(ec)).replace(/-----.*?-----|\n/g, ""), "base64");
    const first = await bytes();
    let other = await bytes();
    // Signatures differ by a byte or two in length.
    while (other.length !== first.length) other = await bytes();
    // The key stands before the middle, the signature at the end.
    const mixed = Buffer.concat([first.subarray(0, 150), other.subarray(150)]).toString("base64");
    const csrPem = `-----BEGIN CERTIFICATE REQUEST-----\n${mixed}\n-----END CERTIFICATE REQUEST-----\n`;
    await expect(sign(csrPem)).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      problems: [{ field: "csr", message: "must be signed with the key that it names" }],
    });
  });

  it.each([
    ["nothing", "", "must be a certificate request in PEM (`-----BEGIN CERTIFICATE REQUEST-----`)"],
    ["no PEM", "hello", "must be a certificate request in PEM (`-----BEGIN CERTIFICATE REQUEST-----`)"],
    [
      "damaged",
      "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
      "must be a certificate request in PEM: it cannot be read",
    ],
    ["too long", "-----BEGIN CERTIFICATE REQUEST-----\n".padEnd(16_385, "A"), "must be at most 16 KiB"],
  ])("is refused when it is %s", async (_what, csrPem, message) => {
    await expect(sign(csrPem)).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      message: `Cannot sign the request: csr ${message}`,
      problems: [{ field: "csr", message }],
    });
  });

  it("may have 16 KiB, blanks included", async () => {
    const csrPem = await request(ec);
    expect((await sign(csrPem.padEnd(16 * 1024, "\n"))).record.cn).toBe("alice");
  });

  it("is refused for a principal that cannot be one, and for a life that is none", async () => {
    const csrPem = await request(ec);
    await expect(signClientRequest(bench, { csrPem, principal: "" })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
    });
    await expect(signClientRequest(bench, { csrPem, principal: "alice", ttlMs: 0 })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
    });
  });

  it.each([
    ["RSA of 1024 bits", ["-newkey", "rsa:1024"]],
    ["Ed25519", ["-newkey", "ed25519"]],
    ["EC on P-521", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp521r1"]],
    ["RSA-PSS", ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"]],
    ["an exponent of 3", ["-newkey", "rsa:2048", "-pkeyopt", "rsa_keygen_pubexp:3"]],
  ])("is refused with a key of %s", async (_what, key) => {
    const csrPem = await request(key);
    await expect(sign(csrPem)).rejects.toThrow(/must hold a key/);
  });

  // Made once by `openssl req -newkey rsa:4104`, which can take it a minute.
  it("is refused with a key of RSA of more than 4096 bits", async () => {
    const csrPem = await readFile(
      new URL("../../test/support/rsa-4104-request.txt", import.meta.url),
      "utf8",
    );
    await expect(sign(csrPem)).rejects.toThrow(/must hold a key/);
  });
});
