import { afterEach, expect, it, vi } from "vitest";
import { asNative, fromBase64, toBase64 } from "./base64.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const bytes = Uint8Array.from({ length: 70_001 }, (_, n) => (n * 7) % 256);
const inNode = Buffer.from(bytes).toString("base64");

it("encodes and decodes in Node", () => {
  expect(toBase64(bytes)).toBe(inNode);
  expect([...fromBase64(inNode).subarray(0, 4)]).toEqual([0, 7, 14, 21]);
  expect(toBase64(bytes.subarray(1, 3))).toBe("Bw4=");
});

it("does the same in a browser, which has no Buffer", () => {
  vi.stubGlobal("Buffer", undefined);
  expect(toBase64(bytes)).toBe(inNode);
  expect(fromBase64(inNode)).toEqual(bytes);
});

it("makes bytes a Buffer in Node, without a copy, and leaves them as they are elsewhere", () => {
  const part = bytes.subarray(1, 3);
  const native = asNative(part);
  expect([Buffer.isBuffer(native), [...native], native.buffer === bytes.buffer]).toEqual([
    true,
    [7, 14],
    true,
  ]);
  expect(asNative(native)).toBe(native);
  vi.stubGlobal("Buffer", undefined);
  expect(asNative(part)).toBe(part);
});
