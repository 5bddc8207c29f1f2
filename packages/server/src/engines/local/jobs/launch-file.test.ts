import { describe, expect, it } from "vitest";
import { EngineError } from "../../engine.ts";
import { encodeLaunch } from "./launch-file.ts";

const message = { program: "/bin/sh", argv: ["sh", "-c"], env: { A: "ä", B: "" }, workdir: "/work" };
const strings = "/work\0/bin/sh\0sh\0-c\0A=ä\0B=\0";

describe("the message to pid 1", () => {
  it("counts what follows, and holds every string as it is", () => {
    const bytes = encodeLaunch({ ...message, largestFile: null });
    expect(bytes.toString("latin1", 0, 4)).toBe("BLN1");
    expect([4, 8, 12, 16, 20].map((at) => bytes.readUInt32LE(at))).toEqual([bytes.length, 2, 2, 0, 0]);
    expect(bytes.subarray(24).toString()).toBe(strings);
  });

  it("names the largest file that may be, to the byte", () => {
    const bytes = encodeLaunch({ ...message, largestFile: 2 ** 40 + 1 });
    expect(bytes.readUInt32LE(16)).toBe(1);
    expect([bytes.readUInt32LE(24), bytes.readUInt32LE(28)]).toEqual([1, 0]);
    expect([bytes.readBigUInt64LE(32), bytes.readBigUInt64LE(40)]).toEqual([2n ** 40n + 1n, 2n ** 40n + 1n]);
    expect(bytes.subarray(48).toString()).toBe(strings);
  });

  it.each([
    { title: "a NUL in an argument", change: { argv: ["sh", "a\0b"] } },
    { title: "a NUL in a variable", change: { env: { A: "b\0" } } },
    { title: "more than pid 1 reads", change: { argv: ["sh", "x".repeat(17 * 2 ** 20)] } },
  ])("is refused, as the job's fault, for $title", ({ change }) => {
    const encode = (): Buffer => encodeLaunch({ ...message, largestFile: null, ...change });
    expect(encode).toThrow(EngineError);
    expect(encode).toThrow(/cannot be handed to a program/);
  });
});
