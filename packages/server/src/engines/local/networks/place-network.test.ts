import { describe, expect, it } from "vitest";
import { encodeNetwork } from "./place-network.ts";

const network = { name: "b7-1", address4: "10.88.1.2", gateway4: "10.88.0.1", address6: "fd88:7::1:2" };

describe("the network of a place", () => {
  it("is said in 56 bytes", () => {
    const file = encodeNetwork(network);
    expect(file.toString("latin1", 0, 4)).toBe("BNW1");
    expect([file.length, file.readUInt32LE(4), file.readUInt32LE(8)]).toEqual([56, 56, 1]);
    expect(file.toString("hex", 12, 20)).toBe("0a5801020a580001");
    expect(file.toString("hex", 24, 40)).toBe("fd880007000000000000000000010002");
    expect(file.toString("latin1", 40)).toBe("b7-1".padEnd(16, "\0"));
  });

  it("has no IPv6 where the host has none", () => {
    const file = encodeNetwork({ ...network, address6: null });
    expect([file.readUInt32LE(8), file.toString("hex", 24, 40)]).toEqual([0, "0".repeat(32)]);
  });

  it.each(["fd88::", "::1", "1:2:3:4:5:6:7:8", "fd88:0:0:1::2"])(
    "takes each spelling of IPv6: %s",
    (address6) => {
      const bytes = encodeNetwork({ ...network, address6 }).toString("hex", 24, 40);
      expect(bytes).toHaveLength(32);
      expect(new URL(`http://[${bytes.replaceAll(/(.{4})(?!$)/g, "$1:")}]`).hostname).toBe(
        new URL(`http://[${address6}]`).hostname,
      );
    },
  );

  it.each([
    { ...network, name: "a-name-that-is-too-long" },
    { ...network, name: "a/b" },
    { ...network, name: "" },
    { ...network, address4: "10.88.1" },
    { ...network, gateway4: "::1" },
    { ...network, address6: "::ffff:10.0.0.1" },
    { ...network, address6: "fe80::1%eth0" },
  ])("is refused when it is none: %o", (odd) => {
    expect(() => encodeNetwork(odd)).toThrow(/names no link|is no/);
  });
});
