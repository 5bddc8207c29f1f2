import { expect, it } from "vitest";
import { networkOf, siteOf } from "./network-of.ts";

it.each([
  ["192.0.2.7", "192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"],
  ["::FFFF:192.0.2.7", "192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2", "2001:db8:1"],
  ["2001:DB8:1:2::6", "2001:db8:1:2", "2001:db8:1"],
  ["2001:db8::1", "2001:db8:0:0", "2001:db8:0"],
  ["2001:db8:1::3:4:5:6", "2001:db8:1:0", "2001:db8:1"],
  ["2001::2:3:4:5:6:7", "2001:0:2:3", "2001:0:2"],
  ["1:2:3:4:5:6:7::", "1:2:3:4", "1:2:3"],
  ["::1:2:3:4:5:6:7", "0:1:2:3", "0:1:2"],
  ["::1", "0:0:0:0", "0:0:0"],
  ["::", "0:0:0:0", "0:0:0"],
  ["a:b:c:d:e:f:192.0.2.7", "a:b:c:d", "a:b:c"],
  ["x::ffff:192.0.2.7", "x:0:0:0", "x:0:0"],
  ["", "", ""],
  [null, "", ""],
])("%j is of the network %j and the site %j", (address, network, site) => {
  expect([networkOf(address), siteOf(address)]).toEqual([network, site]);
});

it("is the same however an address is written", () => {
  const same = ["2001:db8:0:0:1::", "2001:db8::1:0:0:0", "2001:DB8:0:0:1:0:0:0"].map(networkOf);
  expect(new Set(same)).toEqual(new Set(["2001:db8:0:0"]));
});
