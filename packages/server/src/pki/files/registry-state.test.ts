import { describe, expect, it } from "vitest";
import type { CertificateRecord } from "../../store/certificate-store.ts";
import { RegistryState } from "./registry-state.ts";

function record(serial: string, more: Partial<CertificateRecord> = {}): CertificateRecord {
  const life = { notBefore: 0, notAfter: 100, issuedAt: 0, revokedAt: null };
  return { serial, cn: "alice", kind: "client", issuer: "aa", ...life, ...more };
}

function stateOf(...records: CertificateRecord[]): RegistryState {
  const state = new RegistryState();
  for (const one of records) state.apply({ op: "issue", ...one });
  return state;
}

const line = (more: object): string => JSON.stringify({ op: "issue", ...record("1"), ...more });

describe("the state of the register", () => {
  it.each([
    ["an issue", line({})],
    ["the longest serial", line({ serial: "f".repeat(64) })],
    ["a server's certificate", line({ kind: "server" })],
    ["a revocation", '{"op":"revoke","serial":"1","at":5}'],
    ["a lock", '{"op":"lock","principal":"bob"}'],
    ["an unlock", '{"op":"unlock","principal":"bob"}'],
  ])("reads the line of %s", (_what, text) => expect(new RegistryState().applyLine(text)).toBe(true));

  it.each([
    ["no JSON", "{"],
    ["no object", "7"],
    ["an unknown entry", '{"op":"burn","serial":"1"}'],
    ["a serial that is none", line({ serial: "G" })],
    ["a serial in capitals", line({ serial: "AB" })],
    ["no serial", line({ serial: "" })],
    ["a serial that is too long", line({ serial: "f".repeat(65) })],
    ["a path for a serial", line({ serial: "1/../2" })],
    ["an issuer that is none", line({ issuer: "?" })],
    ["an unknown kind", line({ kind: "root" })],
    ["a time that is none", line({ notAfter: "never" })],
    ["a revocation of no moment", '{"op":"revoke","serial":"1"}'],
    ["a lock of nobody", '{"op":"lock"}'],
    ["an unlock of nobody", '{"op":"unlock"}'],
  ])("changes nothing for %s, and says so", (_what, text) => {
    const state = new RegistryState();
    expect(state.applyLine(text)).toBe(false);
    expect([state.records, state.locked]).toEqual([[], []]);
  });

  it("is what all lines together mean", () => {
    const state = stateOf(record("1"), record("2", { cn: "bob", kind: "server" }));
    state.apply({ op: "revoke", serial: "1", at: 7 });
    state.apply({ op: "revoke", serial: "1", at: 9 });
    state.apply({ op: "revoke", serial: "99", at: 9 });
    for (const principal of ["eve", "dan"]) state.apply({ op: "lock", principal });
    state.apply({ op: "unlock", principal: "dan" });
    expect(state.records).toEqual([
      record("1", { revokedAt: 7 }),
      record("2", { cn: "bob", kind: "server" }),
    ]);
    expect(state.locked).toEqual(["eve"]);
  });
});
