import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CompanyCa, goodAuthority, policyExtensions } from "../../test/support/company-ca.ts";
import { openssl } from "../../test/support/openssl.ts";
import { openPkiBench, type PkiBench } from "../../test/support/pki-bench.ts";
import { adoptAuthority } from "./adopt.ts";
import { type Authority, pemOf } from "./authority.ts";
import { createCa } from "./ca.ts";
import { issueClient, issueServer } from "./issue.ts";

let bench: PkiBench;
let folder: string;
let company: CompanyCa;
beforeEach(async () => {
  bench = await openPkiBench();
  folder = dirname(bench.folder);
  company = await CompanyCa.open(folder);
  // OpenSSL stamped them a moment after the bench set its clock.
  bench.clock.step(60_000);
});
afterEach(() => bench[Symbol.asyncDispose]());

async function adopt(name: string, options: { key?: string; chain?: string[] } = {}): Promise<Authority> {
  return adoptAuthority(await company.files(name, options), { now: bench.clock.now() });
}

describe("an authority that a company has signed", () => {
  it.each([
    ["policy", "root"],
    ["root", "policy"],
  ])("is adopted, the chain beginning with %s", async (...chain) => {
    await company.certify("berth", goodAuthority);
    const authority = await adopt("berth", { chain });
    expect(authority.chain.map(({ subject }) => subject)).toEqual([
      "O=Company, CN=policy",
      "O=Company, CN=root",
    ]);
  });

  it("issues certificates that who knows the company's root can check", async () => {
    await company.certify("berth", goodAuthority);
    const { clock, store } = bench;
    const kept = { clock, authorities: store.authorities };
    const options = { folder: join(folder, "adopted"), ...kept, report: () => {} };
    await using ca = await createCa(options, await adopt("berth"));
    const server = await issueServer({ ...bench, ca }, { key: "ec-p256" });
    expect(server.chainPem.match(/BEGIN/g)).toHaveLength(3);
    const { crt } = await bench.writePair("server", server);
    const args = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", join(folder, "root.crt")];
    expect(await openssl([...args, "-untrusted", crt, crt])).toMatchObject({ ok: true });
    expect(ca.roots).toBe(pemOf([(await adopt("berth")).chain[1] ?? ca.current.certificate]));
  });

  it("lets in only whom it signed itself, not all that the company's root vouches for", async () => {
    await company.certify("berth", goodAuthority);
    await company.certify("sibling", goodAuthority);
    const { clock, store } = bench;
    const kept = { clock, authorities: store.authorities };
    const options = { folder: join(folder, "adopted"), ...kept, report: () => {} };
    await using ca = await createCa(options, await adopt("berth"));
    await using other = await createCa({ ...options, folder: join(folder, "other") }, await adopt("sibling"));
    const trusted = await bench.write("clients.crt", ca.clientCas);
    const check = async (pair: { chainPem: string }) =>
      openssl([
        "verify",
        "-x509_strict",
        "-partial_chain",
        "-CAfile",
        trusted,
        await bench.write("c.crt", pair.chainPem),
      ]);
    const issue = { principal: "alice", key: "ec-p256" } as const;
    expect(await check(await issueClient({ ...bench, ca }, issue))).toMatchObject({ ok: true });
    expect(await check(await issueClient({ ...bench, ca: other }, issue))).toMatchObject({ ok: false });
  });

  it.each([
    ["is no authority", { extensions: ["basicConstraints=critical,CA:FALSE"] }, /is no authority/],
    [
      "may not sign",
      { extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"] },
      /may not sign certificates/,
    ],
    [
      "may only sign servers",
      { extensions: [...goodAuthority.extensions, "extendedKeyUsage=serverAuth"] },
      /both servers and clients/,
    ],
  ])("is refused when it %s", async (_what, spoilt, why) => {
    await company.certify("berth", { ...goodAuthority, ...spoilt });
    await expect(adopt("berth")).rejects.toThrow(why);
  });

  it("is refused where it, or one above it, limits the names of servers", async () => {
    const limited = ["nameConstraints=critical,permitted;DNS:example.org"];
    await company.certify("berth", {
      ...goodAuthority,
      extensions: [...goodAuthority.extensions, ...limited],
    });
    await expect(adopt("berth")).rejects.toThrow(/"O=Company, CN=berth" limits the names below itself/);
    await company.certify("narrow", {
      by: "root",
      extensions: [...policyExtensions, ...limited],
    });
    await company.certify("berth", { ...goodAuthority, by: "narrow" });
    await expect(adopt("berth", { chain: ["narrow", "root"] })).rejects.toThrow(
      /Cannot adopt the authority: "O=Company, CN=narrow" limits the names below itself.*\(nameConstraints\)$/,
    );
  });

  it("is refused when it has expired, or is not valid yet", async () => {
    await company.certify("berth", { ...goodAuthority, days: "1" });
    bench.clock.advance(2 * 24 * 3600_000);
    await expect(adopt("berth")).rejects.toThrow(/"O=Company, CN=berth" expired on/);
    bench.clock.step(-4 * 24 * 3600_000);
    await expect(adopt("berth")).rejects.toThrow(/is valid from/);
  });

  it("is refused below one that allows no authority below itself", async () => {
    await company.certify("narrow", {
      by: "policy",
      extensions: goodAuthority.extensions,
    });
    await company.certify("berth", { ...goodAuthority, by: "narrow" });
    await expect(adopt("berth", { chain: ["narrow", "policy", "root"] })).rejects.toThrow(
      /"O=Company, CN=narrow" allows 0 authorities below itself, and there are 1; "O=Company, CN=policy" allows 1/,
    );
  });

  it("is refused with a chain that has a gap, naming who is missing", async () => {
    await company.certify("berth", goodAuthority);
    await expect(adopt("berth", { chain: ["root"] })).rejects.toThrow(
      /the chain lacks "O=Company, CN=policy"/,
    );
    await expect(adopt("berth", { chain: ["policy"] })).rejects.toThrow(
      /the chain lacks "O=Company, CN=root"/,
    );
  });

  it("is refused with a chain of the right names and another key", async () => {
    await company.certify("berth", goodAuthority);
    await company.certify("policy", { by: "root", extensions: goodAuthority.extensions });
    await expect(adopt("berth")).rejects.toThrow(/the chain lacks "O=Company, CN=policy"/);
  });

  it("is refused with another's key, or one that cannot be read, and shows nothing of it", async () => {
    await company.certify("berth", goodAuthority);
    await expect(adopt("berth", { key: "policy" })).rejects.toThrow(
      /the key is not that of "O=Company, CN=berth"/,
    );
    await openssl(
      ["pkey", "-in", "berth.key", "-aes256", "-passout", "pass:x", "-out", "locked.key"],
      folder,
    );
    await expect(adopt("berth", { key: "locked" })).rejects.toThrow(/has a passphrase/);
    await bench.write("broken.key", "-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n-----END PRIVATE KEY-----\n");
    const error: unknown = await adopt("berth", { key: "broken" }).catch((caught: unknown) => caught);
    expect(String((error as Error).stack)).toContain("no private key in PEM");
    expect(String((error as Error).stack)).not.toContain("SECRET");
  });

  it("is refused with every reason at once", async () => {
    await company.certify("berth", { by: "policy", extensions: ["basicConstraints=critical,CA:FALSE"] });
    await expect(adopt("berth", { key: "policy", chain: ["root"] })).rejects.toThrow(
      /the chain lacks .*; .*is no authority.*; the key is not that of/,
    );
  });
});
