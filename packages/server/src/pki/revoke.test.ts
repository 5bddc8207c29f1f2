import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openssl } from "../../test/support/openssl.ts";
import { openPkiBench, type PkiBench } from "../../test/support/pki-bench.ts";
import type { CertificateRecord } from "../store/certificate-store.ts";
import { pemOf } from "./authority.ts";
import { nameOf } from "./ca.ts";
import { issueClient, issueServer } from "./issue.ts";
import { renewalDueAt, renewClient } from "./renew.ts";
import { Revocations, type ShownCertificate } from "./revoke.ts";

let bench: PkiBench;
let revocations: Revocations;
beforeEach(async () => {
  bench = await openPkiBench();
  revocations = await Revocations.open(bench);
});
afterEach(() => bench[Symbol.asyncDispose]());

const issue = (principal: string) => issueClient(bench, { principal, key: "ec-p256" });
const refused = expect.objectContaining({ code: "CERTIFICATE_REFUSED" }) as unknown;
const shownBy = async (principal: string): Promise<ShownCertificate> =>
  withIssuer((await issue(principal)).record);
const withIssuer = (record: CertificateRecord): ShownCertificate => ({
  ...record,
  issuerName: nameOf(bench.ca.current),
});

describe("a certificate", () => {
  it("is accepted until it is revoked, and then refused for ever, also after a restart", async () => {
    const shown = await shownBy("alice");
    revocations.check(shown);
    const record = await revocations.revoke(shown.serial);
    expect(record).toMatchObject({ serial: shown.serial, revokedAt: bench.clock.now() });
    expect(() => revocations.check(shown)).toThrow(refused);
    const reopened = await Revocations.open(bench);
    expect(() => reopened.check(shown)).toThrow(refused);
  });

  it("stays revoked when the server was started with a clock that was ahead, and is set right then", async () => {
    const shown = await shownBy("alice");
    await revocations.revoke(shown.serial);
    bench.clock.step(25 * 3600_000);
    const restarted = await Revocations.open(bench);
    bench.clock.step(-25 * 3600_000);
    expect(() => restarted.check(shown)).toThrow("it was revoked");
  });

  it("that another process has revoked is refused once that is read, and what it is used for ends", async () => {
    const shown = await shownBy("alice");
    const other = await Revocations.open(bench);
    using held = other.hold(shown);
    await revocations.revoke(shown.serial);
    other.check(shown);
    await other.reload();
    expect(() => other.check(shown)).toThrow("it was revoked");
    expect(held.signal.reason).toEqual(refused);
  });

  it("keeps the time of its first revocation", async () => {
    const { serial } = await shownBy("alice");
    const at = bench.clock.now();
    await revocations.revoke(serial);
    bench.clock.advance(1000);
    expect(await revocations.revoke(serial)).toMatchObject({ revokedAt: at });
  });

  it("ends a call within two seconds when the clock was set past its end, and leaves no timer behind", async () => {
    const shown = await shownBy("alice");
    const { pending } = bench.clock;
    const held = revocations.hold(shown);
    bench.clock.advance(5000);
    expect(held.signal.aborted).toBe(false);
    bench.clock.step(shown.notAfter - bench.clock.now() + 1);
    bench.clock.advance(2000);
    expect(held.signal.reason).toMatchObject({ code: "CERTIFICATE_REFUSED" });
    held[Symbol.dispose]();
    expect(bench.clock.pending).toBe(pending);
  });

  it("that nobody issued cannot be revoked", async () => {
    expect(await revocations.revoke("ff")).toBeNull();
  });

  it("is refused where it was issued before the store was lost, and not where it was issued since", async () => {
    const before = await shownBy("alice");
    bench.clock.advance(60_500);
    const lostAt = bench.clock.now();
    const since = await shownBy("alice");
    const after = await Revocations.open({ ...bench, trustedFrom: () => lostAt });
    expect(() => after.check(before)).toThrow("the database that knew what was revoked by then is lost");
    using held = after.hold(before);
    expect(held.signal.reason).toEqual(refused);
    after.check(since);
  });

  it("is refused with the reason", async () => {
    const whyNot = (shown: ShownCertificate): string => {
      try {
        revocations.check(shown);
        return "it is not";
      } catch (error) {
        return (error as Error).message;
      }
    };
    const [ann, eve] = [await shownBy("ann"), await shownBy("eve")];
    await revocations.revoke(ann.serial);
    bench.clock.advance(eve.notAfter - bench.clock.now());
    expect([ann, eve].map(whyNot)).toEqual([
      'Cannot accept the certificate of "ann": it was revoked',
      `Cannot accept the certificate of "eve": it expired on ${new Date(eve.notAfter).toISOString()}`,
    ]);
  });

  it("is refused once it has expired, though the connection stands", async () => {
    const shown = await shownBy("alice");
    bench.clock.advance(shown.notAfter - bench.clock.now());
    expect(() => revocations.check(shown)).toThrow(refused);
  });
});

describe("a call that runs", () => {
  it.each([
    ["its certificate is revoked", (shown: ShownCertificate) => revocations.revoke(shown.serial)],
    [
      "its certificate expires",
      (shown: ShownCertificate) => bench.clock.advance(shown.notAfter - bench.clock.now()),
    ],
  ])("ends when %s, and others go on", async (_what, end) => {
    const [shown, other] = [
      await shownBy("alice"),
      await issueClient(bench, { principal: "bob", ttlMs: 2e9 }),
    ];
    using held = revocations.hold(shown);
    using beside = revocations.hold(withIssuer(other.record));
    expect(held.signal.aborted).toBe(false);
    await Promise.resolve(end(shown));
    expect(held.signal.reason).toEqual(refused);
    expect(beside.signal.aborted).toBe(false);
  });

  it("ends at once when it begins with a refused certificate", async () => {
    const shown = await shownBy("alice");
    await revocations.revoke(shown.serial);
    using held = revocations.hold(shown);
    expect(held.signal.aborted).toBe(true);
  });

  it("goes on being watched when another one is over", async () => {
    const [shown, other] = [await shownBy("alice"), await shownBy("bob")];
    using held = revocations.hold(shown);
    revocations.hold(other)[Symbol.dispose]();
    bench.clock.step(shown.notAfter - bench.clock.now() + 1);
    bench.clock.advance(2000);
    expect(held.signal.reason).toEqual(refused);
  });

  it("is told that its certificate has expired, by a timer of its own", async () => {
    const shown = await shownBy("alice");
    using held = revocations.hold(shown);
    bench.clock.step(-60_000);
    bench.clock.advance(shown.notAfter - bench.clock.now() - 60_000);
    expect(held.signal.reason).toMatchObject({
      message: 'Cannot accept the certificate of "alice": it has expired',
    });
  });

  it("leaves nothing behind when it is over", async () => {
    const shown = await shownBy("alice");
    const { pending } = bench.clock;
    revocations.hold(shown)[Symbol.dispose]();
    expect([revocations.held, bench.clock.pending]).toEqual([0, pending]);
  });
});

describe("a renewal", () => {
  it("is due after two thirds of a life", () => {
    expect(renewalDueAt({ notBefore: 1000, notAfter: 4000 })).toBe(3000);
  });

  it("signs the same key for the same principal", async () => {
    const pair = await issue("alice");
    bench.clock.advance(3600_000);
    const renewed = await renewClient(bench, { certificatePem: pair.chainPem });
    const { crt, key } = await bench.writePair("renewed", { ...pair, chainPem: renewed.chainPem });
    const keys = await Promise.all([
      openssl(["x509", "-in", crt, "-noout", "-pubkey"]),
      openssl(["pkey", "-in", key, "-pubout"]),
    ]);
    expect(keys[0]?.text).toBe(keys[1]?.text);
    expect(renewed.record).toMatchObject({ cn: "alice", notAfter: pair.record.notAfter + 3600_000 });
    expect(renewed.record.serial).not.toBe(pair.record.serial);
  });

  it.each([
    ["revoked", (serial: string) => revocations.revoke(serial)],
    ["expired", () => bench.clock.advance(25 * 3600_000)],
  ])("is refused when the certificate is %s", async (why, spoil) => {
    const { record, chainPem } = await issue("alice");
    await spoil(record.serial);
    await expect(renewClient(bench, { certificatePem: chainPem })).rejects.toThrow(why);
  });

  it("is refused for a server's certificate", async () => {
    const { chainPem } = await issueServer(bench, { key: "ec-p256" });
    await expect(renewClient(bench, { certificatePem: chainPem })).rejects.toThrow("not a client's");
  });

  it("is refused for a forgery that has the serial of a real one", async () => {
    await using other = await openPkiBench();
    // In our register, with another authority's signature.
    const forged = await issueClient({ ...bench, ca: other.ca }, { principal: "admin", key: "ec-p256" });
    expect(await bench.registry.find(forged.record.serial)).not.toBeNull();
    await expect(renewClient(bench, { certificatePem: forged.chainPem })).rejects.toThrow(
      "no trusted authority",
    );
  });

  it("is refused for another authority's certificate, and for the authority's own", async () => {
    await using other = await openPkiBench();
    const { chainPem } = await issueClient(other, { principal: "alice", key: "ec-p256" });
    for (const certificatePem of [chainPem, pemOf([bench.ca.current.certificate]), "hello"]) {
      await expect(renewClient(bench, { certificatePem })).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    }
  });
});
