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
    const first = Buffer.from((await request(ec)).replace(/-----.*?-----|\n/g, ""), "base64");
    const other = Buffer.from((await request(ec)).replace(/-----.*?-----|\n/g, ""), "base64");
    // Both are as long; the key stands before the middle, the signature at the end.
    const mixed = Buffer.concat([first.subarray(0, 150), other.subarray(150)]).toString("base64");
    const csrPem = `-----BEGIN CERTIFICATE REQUEST-----\n${mixed}\n-----END CERTIFICATE REQUEST-----\n`;
    await expect(sign(csrPem)).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      problems: [{ field: "csr" }],
    });
  });

  it.each([
    ["nothing", ""],
    ["no PEM", "hello"],
    ["damaged", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"],
    ["a megabyte", "-----BEGIN CERTIFICATE REQUEST-----\n".padEnd(1 << 20, "A")],
  ])("is refused when it is %s", async (_what, csrPem) => {
    await expect(sign(csrPem)).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      problems: [{ field: "csr" }],
    });
  });

  it.each([
    ["RSA of 1024 bits", ["-newkey", "rsa:1024"]],
    ["Ed25519", ["-newkey", "ed25519"]],
    ["an exponent of 3", ["-newkey", "rsa:2048", "-pkeyopt", "rsa_keygen_pubexp:3"]],
  ])("is refused with a key of %s", async (_what, key) => {
    const csrPem = await request(key);
    await expect(sign(csrPem)).rejects.toThrow(/must hold a key/);
  });
});
