import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openssl } from "../../test/support/openssl.ts";
import { openPkiBench, type PkiBench } from "../../test/support/pki-bench.ts";
import { adoptAuthority } from "./adopt.ts";
import { pemOf } from "./authority.ts";
import { createCa } from "./ca.ts";
import { issueClient, issueServer } from "./issue.ts";
import { PrivateKeyPem } from "./keys.ts";

let bench: PkiBench;
let folder: string;
beforeEach(async () => {
  bench = await openPkiBench();
  folder = dirname(bench.folder);
  await company();
  // OpenSSL stamped them a moment after the bench set its clock.
  bench.clock.step(60_000);
});
afterEach(() => bench[Symbol.asyncDispose]());

const may = "keyUsage=critical,keyCertSign,cRLSign";

/** A company's own authority, made with OpenSSL: `root`, and `policy` below it. */
async function company(): Promise<void> {
  await certify("root", { by: null, extensions: ["basicConstraints=critical,CA:TRUE", may] });
  await certify("policy", { by: "root", extensions: ["basicConstraints=critical,CA:TRUE,pathlen:1", may] });
}

async function certify(
  name: string,
  { by, extensions, days = "3650" }: { by: string | null; extensions: readonly string[]; days?: string },
): Promise<void> {
  const issuer = by === null ? [] : ["-CA", `${by}.crt`, "-CAkey", `${by}.key`];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-subj", `/O=Company/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.crt`];
  const added = extensions.flatMap((one) => ["-addext", one]);
  const made = await openssl(["req", "-x509", "-days", days, ...key, ...names, ...issuer, ...added], folder);
  if (!made.ok) throw new Error(made.text);
}

const text = (name: string): Promise<string> => readFile(join(folder, name), "utf8");

async function adopt(name: string, { key = name, chain = ["policy", "root"] } = {}) {
  const above = await Promise.all(chain.map((one) => text(`${one}.crt`)));
  return adoptAuthority(
    {
      certificate: await text(`${name}.crt`),
      key: new PrivateKeyPem(await text(`${key}.key`)),
      chain: above.join(""),
    },
    { now: bench.clock.now() },
  );
}

const good = { by: "policy", extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0", may] };

describe("an authority that a company has signed", () => {
  it.each([
    ["policy", "root"],
    ["root", "policy"],
  ])("is adopted, the chain beginning with %s", async (...chain) => {
    await certify("berth", good);
    const authority = await adopt("berth", { chain });
    expect(authority.chain.map(({ subject }) => subject)).toEqual([
      "O=Company, CN=policy",
      "O=Company, CN=root",
    ]);
  });

  it("issues certificates that who knows the company's root can check", async () => {
    await certify("berth", good);
    const options = { folder: join(folder, "adopted"), clock: bench.clock, report: () => {} };
    await using ca = await createCa(options, await adopt("berth"));
    const server = await issueServer({ ...bench, ca }, { key: "ec-p256" });
    expect(server.chainPem.match(/BEGIN/g)).toHaveLength(3);
    const { crt } = await bench.writePair("server", server);
    const args = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", join(folder, "root.crt")];
    expect(await openssl([...args, "-untrusted", crt, crt])).toMatchObject({ ok: true });
    expect(ca.roots).toBe(pemOf([(await adopt("berth")).chain[1] ?? ca.current.certificate]));
  });

  it("lets in only whom it signed itself, not all that the company's root vouches for", async () => {
    await certify("berth", good);
    await certify("sibling", good);
    const options = { folder: join(folder, "adopted"), clock: bench.clock, report: () => {} };
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
      { extensions: [...good.extensions, "extendedKeyUsage=serverAuth"] },
      /both servers and clients/,
    ],
  ])("is refused when it %s", async (_what, spoilt, why) => {
    await certify("berth", { ...good, ...spoilt });
    await expect(adopt("berth")).rejects.toThrow(why);
  });

  it("is refused when it has expired, or is not valid yet", async () => {
    await certify("berth", { ...good, days: "1" });
    bench.clock.advance(2 * 24 * 3600_000);
    await expect(adopt("berth")).rejects.toThrow(/"O=Company, CN=berth" expired on/);
    bench.clock.step(-4 * 24 * 3600_000);
    await expect(adopt("berth")).rejects.toThrow(/is valid from/);
  });

  it("is refused below one that allows no authority below itself", async () => {
    await certify("narrow", {
      by: "policy",
      extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0", may],
    });
    await certify("berth", { ...good, by: "narrow" });
    await expect(adopt("berth", { chain: ["narrow", "policy", "root"] })).rejects.toThrow(
      /"O=Company, CN=narrow" allows 0 authorities below itself, and there are 1; "O=Company, CN=policy" allows 1/,
    );
  });

  it("is refused with a chain that has a gap, naming who is missing", async () => {
    await certify("berth", good);
    await expect(adopt("berth", { chain: ["root"] })).rejects.toThrow(
      /the chain lacks "O=Company, CN=policy"/,
    );
    await expect(adopt("berth", { chain: ["policy"] })).rejects.toThrow(
      /the chain lacks "O=Company, CN=root"/,
    );
  });

  it("is refused with a chain of the right names and another key", async () => {
    await certify("berth", good);
    await certify("policy", { by: "root", extensions: ["basicConstraints=critical,CA:TRUE,pathlen:1", may] });
    await expect(adopt("berth")).rejects.toThrow(/the chain lacks "O=Company, CN=policy"/);
  });

  it("is refused with another's key, or one that cannot be read, and shows nothing of it", async () => {
    await certify("berth", good);
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
    await certify("berth", { by: "policy", extensions: ["basicConstraints=critical,CA:FALSE"] });
    await expect(adopt("berth", { key: "policy", chain: ["root"] })).rejects.toThrow(
      /the chain lacks .*; .*is no authority.*; the key is not that of/,
    );
  });
});
