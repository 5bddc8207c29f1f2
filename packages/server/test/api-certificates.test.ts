import "reflect-metadata";
import { webcrypto, X509Certificate } from "node:crypto";
import { PemConverter, Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOwnCredentials } from "../src/pki/credentials/own-credentials.ts";
import { Revocations } from "../src/pki/revoke.ts";
import { ApiBench } from "./support/api-bench.ts";
import { openPkiBench, type PkiBench } from "./support/pki-bench.ts";

let pki: PkiBench;
let api: ApiBench;
let revocations: Revocations;
beforeAll(async () => {
  pki = await openPkiBench();
  const { ca, clock, folder } = pki;
  api = await ApiBench.open(async ({ store: { certificates: registry } }) => {
    revocations = await Revocations.open({ registry, clock });
    const report = (): void => undefined;
    const credentials = await openOwnCredentials({ ca, registry, clock, folder, report, key: "ec-p256" });
    const close = { [Symbol.asyncDispose]: () => credentials[Symbol.asyncDispose]() };
    return { pki: { ca, registry, clock, revocations, credentials, ...close } };
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await pki[Symbol.asyncDispose]();
});

interface Issued {
  serial: string;
  name: string;
  certificate: string;
  ca: string;
}

async function request(subject = "CN=anybody"): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
  });
  return PemConverter.encode(made.rawData, "CERTIFICATE REQUEST");
}

async function issue(body: object = {}, as: "ann" | "bob" | "root" = "ann"): Promise<Issued> {
  const answer = await api.call("POST /api/v1/certificates", { as, body: { csr: await request(), ...body } });
  expect(answer.status).toBe(201);
  return answer.body as Issued;
}

describe("certificates over REST", () => {
  it("end with the token by which they are asked for or renewed, whatever is asked", async () => {
    const { token } = (
      await api.call("POST /api/v1/tokens", { as: "root", body: { user: "ann", ttl: "2h" } })
    ).body as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    for (const ttl of [undefined, "48h"]) {
      const body = { csr: await request(), ttl };
      const answer = await api.call("POST /api/v1/certificates", { as: null, headers, body });
      expect(answer.status).toBe(201);
      const { validToDate } = new X509Certificate((answer.body as { certificate: string }).certificate);
      expect(validToDate.getTime() - pki.clock.now()).toBeLessThanOrEqual(2 * 3600_000);
      const { certificate } = answer.body as Issued;
      const again = { as: null, headers, body: { certificate, ttl } };
      const renewed = await api.call("POST /api/v1/certificates/renew", again);
      expect(renewed.status).toBe(201);
      const { validToDate: end } = new X509Certificate((renewed.body as Issued).certificate);
      expect(end.getTime() - pki.clock.now()).toBeLessThanOrEqual(2 * 3600_000);
    }
  });

  it("sign a user's key for that user, whatever name the request gives", async () => {
    const answer = await api.call("POST /api/v1/certificates", {
      as: "ann",
      body: { csr: await request("CN=root,O=admins"), ttl: "1h" },
    });
    expect(answer).toMatchObject({ status: 201, body: { name: "ann", kind: "client", revokedAt: null } });
    const { certificate, ca } = answer.body as Issued;
    const shown = new X509Certificate(certificate);
    expect(shown.subject).toBe("CN=ann");
    expect(shown.verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(shown.validToDate.getTime() - pki.clock.now()).toBeLessThanOrEqual(3600_000);
  });

  it("sign for another only where an administrator asks", async () => {
    expect((await issue({ name: "ci" }, "root")).name).toBe("ci");
    const refused = await api.call("POST /api/v1/certificates", {
      as: "ann",
      body: { csr: await request(), name: "bob" },
    });
    expect(refused).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
  });

  it.each([
    [{}, ["csr"]],
    [{ csr: "nonsense" }, ["csr"]],
    [
      { csr: "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", ttl: "soon" },
      ["ttl"],
    ],
  ])("refuse %j by the field's name", async (body, fields) => {
    const answer = await api.call("POST /api/v1/certificates", { body });
    expect(answer).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
    expect((answer.body as { problems: { field: string }[] }).problems.map(({ field }) => field)).toEqual(
      fields,
    );
  });

  it("show users their own, administrators all, page by page", async () => {
    pki.clock.advance(1);
    const mine = await issue();
    await issue({}, "bob");
    const namesOf = async (as: "ann" | "root", query = ""): Promise<string[]> => {
      const { body } = await api.call(`GET /api/v1/certificates?limit=200${query}`, { as });
      return (body as { items: Issued[] }).items.map(({ name }) => name);
    };
    expect(new Set(await namesOf("ann"))).toEqual(new Set(["ann"]));
    expect(await namesOf("root")).toEqual(expect.arrayContaining(["ann", "bob"]));
    expect(new Set(await namesOf("root", "&name=bob"))).toEqual(new Set(["bob"]));
    expect(await namesOf("ann", "&name=bob")).toEqual([]);
    const first = await api.call("GET /api/v1/certificates?limit=1", { as: "ann" });
    expect(first.body).toMatchObject({
      items: [{ serial: mine.serial }],
      next: expect.any(String) as string,
    });
  });

  it("are renewed with the key they have, while they are good", async () => {
    const { certificate, serial } = await issue();
    const renewed = await api.call("POST /api/v1/certificates/renew", { body: { certificate } });
    expect(renewed).toMatchObject({ status: 201, body: { name: "ann" } });
    const again = new X509Certificate((renewed.body as Issued).certificate);
    expect(again.publicKey.equals(new X509Certificate(certificate).publicKey)).toBe(true);
    const foreign = await api.call("POST /api/v1/certificates/renew", { as: "bob", body: { certificate } });
    expect(foreign).toMatchObject({ status: 404, body: { code: "CERTIFICATE_NOT_FOUND" } });
    await api.call(`POST /api/v1/certificates/${serial}/revoke`);
    expect((await api.call("POST /api/v1/certificates/renew", { body: { certificate } })).status).toBe(400);
  });

  it.each(["an", "ann-b"] as const)(
    "ABUSE 27: are not there for %s, whose name is nearly that of their owner",
    async (as) => {
      const { certificate, serial } = await issue();
      const renewed = await api.call("POST /api/v1/certificates/renew", { as, body: { certificate } });
      expect(renewed).toMatchObject({ status: 404, body: { code: "CERTIFICATE_NOT_FOUND" } });
      const revoked = await api.call(`POST /api/v1/certificates/${serial}/revoke`, { as });
      expect(revoked).toMatchObject({ status: 404, body: { code: "CERTIFICATE_NOT_FOUND" } });
      expect((await api.call("GET /api/v1/certificates", { as })).body).toEqual({ items: [], next: null });
      expect((await api.call("POST /api/v1/certificates/renew", { body: { certificate } })).status).toBe(201);
    },
  );

  it("are revoked with the token by which they were asked for, and by those that it made", async () => {
    const make = async (headers?: Record<string, string>) => {
      const answer = await api.call("POST /api/v1/tokens", {
        as: headers === undefined ? "root" : null,
        ...(headers !== undefined && { headers }),
        body: { user: "ann" },
      });
      const { id, token } = answer.body as { id: string; token: string };
      return { id, headers: { authorization: `Bearer ${token}` } };
    };
    const mother = await make();
    const child = await make(mother.headers);
    const body = { csr: await request() };
    const answer = await api.call("POST /api/v1/certificates", { as: null, headers: child.headers, body });
    const { serial } = answer.body as Issued;
    const notAfter = pki.clock.now() + 3600_000;
    using held = revocations.hold({
      serial,
      cn: "ann",
      issuerName: "ca",
      notBefore: pki.clock.now(),
      notAfter,
    });
    const kept = await issue();
    expect((await api.call(`DELETE /api/v1/tokens/${mother.id}`)).status).toBe(204);
    expect(held.signal.aborted).toBe(true);
    const { items } = (await api.call("GET /api/v1/certificates")).body as {
      items: { serial: string; revokedAt: string | null }[];
    };
    const of = (wanted: string) => items.find((one) => one.serial === wanted)?.revokedAt;
    expect([of(serial), of(kept.serial)]).toEqual([expect.any(String), null]);
  });

  it("are revoked by their owner or an administrator, at once and once", async () => {
    const { serial } = await issue();
    expect((await api.call(`POST /api/v1/certificates/${serial}/revoke`, { as: "bob" })).status).toBe(404);
    using held = revocations.hold({
      serial,
      cn: "ann",
      issuerName: "ca",
      notBefore: pki.clock.now(),
      notAfter: pki.clock.now() + 3600_000,
    });
    const first = await api.call(`POST /api/v1/certificates/${serial}/revoke`);
    expect(first).toMatchObject({ status: 200, body: { serial } });
    expect(held.signal.aborted).toBe(true);
    expect((await api.call(`POST /api/v1/certificates/${serial}/revoke`)).body).toEqual(first.body);
    expect((await api.call("POST /api/v1/certificates/..%2fx/revoke")).status).toBe(404);
  });

  it.each(["Jose\u0301", " admin", "admin ", "a\u200bb"])(
    "cannot be locked by a name that none can have: %j",
    async (name) => {
      const lock = (locked: boolean) =>
        api.call("POST /api/v1/certificates/lock", { as: "root", body: { name, locked } });
      expect(await lock(true)).toMatchObject({
        status: 400,
        body: { code: "REQUEST_INVALID", problems: [{ field: "name" }] },
      });
      expect(await api.context.store.locks.list()).toEqual([]);
      expect((await lock(false)).status).toBe(200);
    },
  );

  it("and locks leave a line in the log when they change: what, whose, by whom and from where", async () => {
    const before = api.logLines.length;
    const { serial, certificate } = await issue({}, "bob");
    const renewed = (await api.call("POST /api/v1/certificates/renew", { as: "bob", body: { certificate } }))
      .body as Issued;
    const lock = (locked: boolean) =>
      api.call("POST /api/v1/certificates/lock", { as: "root", body: { name: "eve", locked } });
    for (const _again of [1, 2]) await api.call(`POST /api/v1/certificates/${serial}/revoke`, { as: "root" });
    for (const locked of [true, true, false, false]) await lock(locked);
    const lines = api.logLines.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
    const by = { level: "info", by: "root", door: "rest", address: expect.any(String) as string };
    expect(lines.filter((line) => "by" in line)).toMatchObject([
      { msg: "Certificate issued", serial, user: "bob", ...by, by: "bob" },
      { msg: "Certificate renewed", serial: renewed.serial, user: "bob", ...by, by: "bob" },
      { msg: "Certificate revoked", serial, user: "bob", ...by },
      { msg: "Principal locked", user: "eve", ...by },
      { msg: "Principal unlocked", user: "eve", ...by },
    ]);
  });

  it("are not renewed for a principal that is locked, whoever asks", async () => {
    const { certificate } = await issue({}, "bob");
    const lock = (locked: boolean, as: "ann" | "root" = "root") =>
      api.call("POST /api/v1/certificates/lock", { as, body: { name: "bob", locked } });
    const renew = () => api.call("POST /api/v1/certificates/renew", { as: "root", body: { certificate } });
    expect((await lock(true, "ann")).status).toBe(403);
    expect((await lock(true)).body).toEqual({ name: "bob", locked: true });
    expect(await renew()).toMatchObject({
      status: 400,
      body: { message: 'Cannot renew the certificate: "bob" is locked' },
    });
    expect((await lock(false)).body).toEqual({ name: "bob", locked: false });
    expect((await renew()).status).toBe(201);
  });

  it("are none of a server's that has no authority", async () => {
    await using without = await ApiBench.open();
    const answer = await without.call("GET /api/v1/certificates");
    expect(answer).toMatchObject({ status: 409, body: { code: "CERTIFICATES_OFF" } });
  });
});
