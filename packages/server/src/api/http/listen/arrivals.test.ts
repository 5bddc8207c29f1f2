import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { arrivalReader } from "./arrivals.ts";

const proxies = ["10.0.0.0/8", "192.0.2.7", "fd00::/8"];

/** What a request from there, with these headers, is taken for. */
function read(remoteAddress: string, headers: Record<string, string>, believed = proxies) {
  // Only this much of a request is looked at.
  const request = { socket: { remoteAddress }, headers: { host: "own:1", ...headers } };
  return arrivalReader({ proxies: believed })(request as unknown as IncomingMessage);
}

it.each(["11.0.0.1", "192.0.2.8", "::1", "127.0.0.1", "fe80::1"])(
  "believes nothing of what %s says, who is no proxy of ours",
  (peer) => {
    const said = { "x-forwarded-for": "1.2.3.4", "x-forwarded-host": "x", "x-forwarded-proto": "https" };
    expect(read(peer, said)).toEqual({ address: peer, host: "own:1", isSecure: false });
    expect(read("10.0.0.1", said, [])).toEqual({ address: "10.0.0.1", host: "own:1", isSecure: false });
  },
);

it.each(["10.255.0.1", "192.0.2.7", "fd00::5", "::ffff:10.0.0.1", "FD12::1"])(
  "believes %s, who is one",
  (peer) => {
    const said = {
      "x-forwarded-for": "1.2.3.4",
      "x-forwarded-host": "b.example",
      "x-forwarded-proto": "HTTPS",
    };
    expect(read(peer, said)).toEqual({ address: "1.2.3.4", host: "b.example", isSecure: true });
  },
);

it.each([
  ["1.2.3.4", "1.2.3.4"],
  ["6.6.6.6, 1.2.3.4", "1.2.3.4"],
  ["6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"],
  ["1.2.3.4, 6.6.6.6, 10.0.0.9,10.0.0.8", "6.6.6.6"],
  ["10.0.0.9, 10.0.0.8", "10.0.0.9"],
  ["1.2.3.4, nonsense, 10.0.0.9", "10.0.0.9"],
  ["1.2.3.4,", "10.0.0.1"],
  ["1.2.3.4, unknown", "10.0.0.1"],
  ["1.2.3.4:5678", "1.2.3.4"],
  ["[2001:db8::1]:80", "2001:db8::1"],
  ["2001:DB8::1", "2001:db8::1"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["", "10.0.0.1"],
  ["1.2.3.4\u0000", "10.0.0.1"],
  [`6.6.6.6, ${"10.0.0.2, ".repeat(40)}10.0.0.3`, "10.0.0.2"],
])("takes of %j the last that is no proxy of ours: %s", (forwarded, address) => {
  expect(read("10.0.0.1", { "x-forwarded-for": forwarded }).address).toBe(address);
});

it("takes what the nearest proxy says of host and protocol, and what the request shows where it says nothing", () => {
  const many = { "x-forwarded-host": "evil.example, b.example", "x-forwarded-proto": "https, http" };
  expect(read("10.0.0.1", many)).toMatchObject({ host: "b.example", isSecure: false });
  expect(read("10.0.0.1", { "x-forwarded-host": "", "x-forwarded-proto": "" })).toMatchObject({
    host: "own:1",
    isSecure: false,
  });
});
