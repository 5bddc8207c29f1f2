import { describe, expect, it } from "vitest";
import type { CertificateRecord } from "../certificate-registry.ts";
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
    expect(state.entries()).toEqual([]);
  });

  it("is the same when its own entries are read again", () => {
    const state = stateOf(record("1"), record("2", { cn: "bob", kind: "server" }));
    state.apply({ op: "revoke", serial: "1", at: 7 });
    state.apply({ op: "revoke", serial: "1", at: 9 });
    state.apply({ op: "revoke", serial: "99", at: 9 });
    state.apply({ op: "lock", principal: "eve" });
    const again = new RegistryState();
    for (const entry of state.entries()) expect(again.applyLine(JSON.stringify(entry))).toBe(true);
    expect(again.entries()).toEqual(state.entries());
    expect(again.find("1")).toEqual(record("1", { revokedAt: 7 }));
    expect(again.find("99")).toBeNull();
    expect(again.refused()).toEqual({ serials: ["1"], locked: ["eve"] });
    expect([again.isLocked("eve"), again.isLocked("bob")]).toEqual([true, false]);
    again.apply({ op: "unlock", principal: "eve" });
    expect(again.isLocked("eve")).toBe(false);
  });

  it("lists fifty at a time, newest first, and says where to go on", () => {
    const state = stateOf(...Array.from({ length: 101 }, (_, n) => record((n + 16).toString(16))));
    const first = state.list({});
    expect([first.items.length, first.items[0]?.serial, first.next]).toEqual([50, "74", "43"]);
    const second = state.list({ cursor: "43" });
    expect([second.items.length, second.items[0]?.serial, second.next]).toEqual([50, "42", "11"]);
    expect(state.list({ cursor: "11" })).toEqual({ items: [record("10")], next: null });
    expect(state.list({ cursor: "10" })).toEqual({ items: [], next: null });
    expect(state.list({ limit: 101 }).next).toBeNull();
    expect(state.list({ cursor: "nothing" })).toEqual({ items: [], next: null });
  });

  it("goes on from the newest one too", () => {
    expect(stateOf(record("1"), record("2")).list({ cursor: "2" }).items).toEqual([record("1")]);
  });

  it("lists those of a name, of a kind, of both", () => {
    const state = stateOf(record("1"), record("2", { cn: "bob" }), record("3", { kind: "server" }));
    const serials = (filter: object): string[] => state.list(filter).items.map(({ serial }) => serial);
    expect(serials({ cn: "alice" })).toEqual(["3", "1"]);
    expect(serials({ kind: "client" })).toEqual(["2", "1"]);
    expect(serials({ cn: "alice", kind: "client" })).toEqual(["1"]);
  });

  it("forgets what expired before a moment, not at it, and nothing that was revoked", () => {
    const state = stateOf(
      record("1", { notAfter: 99 }),
      record("2", { notAfter: 100 }),
      record("3", { notAfter: 1, revokedAt: 1 }),
    );
    expect(state.forgetExpired(100)).toBe(1);
    expect(state.list({}).items.map(({ serial }) => serial)).toEqual(["3", "2"]);
  });
});
