import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { rewrap, seal, unseal } from "./secret-box.ts";

const of = { name: "database", id: "version-1" };
const by = { id: "k1", key: randomBytes(32) };
const other = { id: "k2", key: randomBytes(32) };
const values = new Map<string, Uint8Array>([
  ["password", Buffer.from("correct-horse")],
  ["bytes", Buffer.from([0, 255, 10])],
]);

it("opens what it has sealed, and shows nothing of it", () => {
  const envelope = seal(values, { of, by });
  expect(unseal(envelope, { of, by })).toEqual(values);
  const shown = Buffer.from(JSON.stringify(envelope));
  for (const text of ["correct-horse", Buffer.from("correct-horse").toString("base64"), "password"])
    expect(shown.includes(text)).toBe(false);
  expect(seal(values, { of, by }).sealed).not.toBe(envelope.sealed);
});

it("opens nothing in another place, by another key, or with a bit changed", () => {
  const envelope = seal(values, { of, by });
  const wrong = expect.objectContaining({ code: "SECRET_KEY_MISSING" }) as Error;
  expect(() => unseal(envelope, { of: { ...of, name: "other" }, by })).toThrow(wrong);
  expect(() => unseal(envelope, { of: { ...of, id: "version-2" }, by })).toThrow(wrong);
  expect(() => unseal(envelope, { of, by: other })).toThrow(wrong);
  for (const part of ["dataKey", "sealed"] as const) {
    const bytes = Buffer.from(envelope[part].slice(3), "base64");
    for (const at of [0, 12, 28, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const text = `v1.${changed.toString("base64")}`;
      expect(() => unseal({ ...envelope, [part]: text }, { of, by })).toThrow(wrong);
    }
  }
  const cut = { ...envelope, sealed: `v1.${Buffer.alloc(20).toString("base64")}` };
  expect(() => unseal(cut, { of, by })).toThrow(wrong);
});

it("changes only the data key's envelope for another master key", () => {
  const before = seal(values, { of, by });
  const after = rewrap(before, { of, from: by, to: other });
  expect([after.keyId, after.sealed]).toEqual(["k2", before.sealed]);
  expect(unseal(after, { of, by: other })).toEqual(values);
  expect(() => unseal(after, { of, by })).toThrow("does not open with its master key");
});
