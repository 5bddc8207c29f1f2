import { X509Certificate } from "node:crypto";
import { hostname } from "node:os";
// A certificate told in the old way loads a part of TLS: where that is the first part, Node's HTTPS is broken from then on.
import "node:tls";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openssl } from "../../test/support/openssl.ts";
import { openPkiBench, type PkiBench } from "../../test/support/pki-bench.ts";
import { createRoot } from "./create-root.ts";
import { pemOf } from "./authority.ts";
import { issueClient, issueServer } from "./issue.ts";

let bench: PkiBench;
beforeEach(async () => {
  bench = await openPkiBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const minute = 60_000;

async function verify(crt: string, purpose: "sslserver" | "sslclient"): Promise<string> {
  const ca = await bench.write("roots.crt", bench.ca.roots);
  const { text } = await openssl([
    "verify",
    "-x509_strict",
    "-purpose",
    purpose,
    "-CAfile",
    ca,
    "-untrusted",
    crt,
    crt,
  ]);
  return text.trim();
}

describe("a client's certificate", () => {
  it("holds for OpenSSL's strict rules, for clients only, and names the principal", async () => {
    const pair = await issueClient(bench, { principal: "client1" });
    const { crt, key } = await bench.writePair("client1", pair);
    expect(await verify(crt, "sslclient")).toBe(`${crt}: OK`);
    expect(await verify(crt, "sslserver")).toContain("unsuitable certificate purpose");
    const shown = await openssl(["x509", "-in", crt, "-noout", "-text", "-nameopt", "RFC2253"]);
    expect(shown.text).toContain("Subject: CN=client1\n");
    expect(shown.text).toContain("Public-Key: (2048 bit)");
    expect(shown.text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(shown.text).toContain("X509v3 Authority Key Identifier");
    expect(await openssl(["pkey", "-in", key, "-check", "-noout"])).toMatchObject({ ok: true });
  });

  it("is valid from five minutes ago, for a day unless told otherwise", async () => {
    const { record, chainPem } = await issueClient(bench, { principal: "a" });
    const now = bench.clock.now();
    const seconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
    expect(record).toMatchObject({
      notBefore: seconds(now - 5 * minute),
      notAfter: seconds(now + 24 * 60 * minute),
      issuedAt: now,
    });
    const certificate = new X509Certificate(chainPem);
    expect(certificate.validFromDate.getTime()).toBe(record.notBefore);
    expect(certificate.validToDate.getTime()).toBe(record.notAfter);
  });

  it("never outlives its authority", async () => {
    const { record } = await issueClient(bench, { principal: "a", ttlMs: 100 * 365 * 24 * 60 * minute });
    expect(record.notAfter).toBe(bench.ca.current.certificate.notAfter.getTime());
  });

  it("is not issued by an authority that has expired", async () => {
    bench.clock.step(11 * 365 * 24 * 60 * minute);
    await expect(issueClient(bench, { principal: "a" })).rejects.toMatchObject({ code: "SETTINGS_INVALID" });
  });

  it("is remembered under the serial that it shows, before anybody has it", async () => {
    const { record, chainPem } = await issueClient(bench, { principal: "a", key: "ec-p256" });
    expect(new X509Certificate(chainPem).serialNumber.toLowerCase()).toBe(record.serial);
    expect(record.serial).toMatch(/^[4-7][0-9a-f]{31}$/);
    expect(await bench.registry.find(record.serial)).toEqual(record);
  });

  it("is not handed out when it cannot be remembered", async () => {
    const registry = { ...bench.registry, insert: () => Promise.reject(new Error("disk full")) };
    await expect(issueClient({ ...bench, registry }, { principal: "a", key: "ec-p256" })).rejects.toThrow(
      "disk full",
    );
  });

  it.each([
    "#0c0341424f",
    '"alice"',
    "a,CN=admin",
    "a+OU=x",
    "a/CN=admin",
    "DOMAIN\\user",
    "user@example.org",
    "Jürgen Größe",
    "李雷",
  ])("keeps the principal %j as it is", async (principal) => {
    const { chainPem, record } = await issueClient(bench, { principal, key: "ec-p256" });
    expect(record.cn).toBe(principal);
    expect(new X509Certificate(chainPem).toLegacyObject().subject).toEqual({ CN: principal });
  });

  it.each([
    ["", "empty"],
    ["a\0b", "control characters"],
    ["a\nb", "control characters"],
    ["a\u202eb", "control characters"],
    ["a\ud800", "control characters"],
    [" a", "space"],
    ["x".repeat(65), "64 characters"],
    ["e\u0301", "NFC"],
  ])("is refused for the principal %j", async (principal, why) => {
    await expect(issueClient(bench, { principal })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      problems: [{ field: "principal", message: expect.stringContaining(why) as string }],
    });
  });

  it("is refused with every problem at once", async () => {
    await expect(issueClient(bench, { principal: "", ttlMs: 1000 })).rejects.toMatchObject({
      problems: [{ field: "principal" }, { field: "ttl" }],
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])("is refused for a life of %s ms", async (ttlMs) => {
    await expect(issueClient(bench, { principal: "a", ttlMs })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
    });
  });

  it("shows nothing of its key by accident", async () => {
    const { key } = await issueClient(bench, { principal: "a", key: "ec-p256" });
    const shown = `${String(key)} ${JSON.stringify({ key })} ${inspect({ key }, { depth: 9, showHidden: true })}`;
    expect(shown).not.toContain("BEGIN");
    expect(key.reveal()).toContain("BEGIN PRIVATE KEY");
  });
});

describe("the server's certificate", () => {
  it("holds for servers only, under this host's names and those given", async () => {
    const pair = await issueServer(bench, { names: ["Jobs.Example.org", "10.1.2.3", "fd00::7"] });
    const { crt } = await bench.writePair("server", pair);
    expect(await verify(crt, "sslserver")).toBe(`${crt}: OK`);
    expect(await verify(crt, "sslclient")).toContain("unsuitable certificate purpose");
    const certificate = new X509Certificate(pair.chainPem);
    for (const name of ["localhost", "jobs.example.org", hostname()])
      expect(certificate.checkHost(name)).toBeDefined();
    for (const ip of ["127.0.0.1", "::1", "10.1.2.3", "fd00::7"]) expect(certificate.checkIP(ip)).toBe(ip);
    expect(certificate.checkHost("example.org")).toBeUndefined();
  });

  it("names every name that it cannot have", async () => {
    await expect(
      issueServer(bench, { names: ["ok.example", "a b", "*.example.org", "-x"] }),
    ).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      problems: [{ field: "names[1]" }, { field: "names[2]" }, { field: "names[3]" }],
    });
  });
});

describe("an authority of its own", () => {
  it("is RSA of 4096 bits, for ten years, critical in what it may do", async () => {
    const { certificate } = await createRoot({ now: Date.now() });
    const crt = await bench.write("root.crt", pemOf([certificate]));
    const { text } = await openssl(["x509", "-in", crt, "-noout", "-text"]);
    expect(text).toContain("Public-Key: (4096 bit)");
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(await openssl(["verify", "-x509_strict", "-CAfile", crt, crt])).toMatchObject({ ok: true });
    const years = (certificate.notAfter.getTime() - Date.now()) / (365.25 * 24 * 60 * minute);
    expect(Math.round(years)).toBe(10);
  });
});
