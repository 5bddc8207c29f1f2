import { expect, it } from "vitest";
import { parseDestination } from "./destination.ts";

it.each([
  ["10.1.2.3", { range: "10.1.2.3/32", ports: null, protocol: "tcp" }],
  ["10.1.2.3:5432", { range: "10.1.2.3/32", ports: { first: 5432, last: 5432 }, protocol: "tcp" }],
  ["10.0.0.0/8:8000-8100/udp", { range: "10.0.0.0/8", ports: { first: 8000, last: 8100 }, protocol: "udp" }],
  ["10.0.0.0/8/udp", { range: "10.0.0.0/8", ports: null, protocol: "udp" }],
  ["2001:db8::1", { range: "2001:db8::1/128", ports: null, protocol: "tcp" }],
  ["2001:db8::/64:443", { range: "2001:db8::/64", ports: { first: 443, last: 443 }, protocol: "tcp" }],
  ["[2001:DB8::1]:53/udp", { range: "2001:DB8::1/128", ports: { first: 53, last: 53 }, protocol: "udp" }],
  ["[2001:db8::]/32:1-65535", { range: "2001:db8::/32", ports: { first: 1, last: 65_535 }, protocol: "tcp" }],
  ["::ffff:10.0.0.1", { range: "::ffff:10.0.0.1/128", ports: null, protocol: "tcp" }],
] as const)("reads %s", (text, destination) => {
  expect(parseDestination(text)).toEqual(destination);
});

it.each([
  "",
  "pypi.org:443",
  "10.1.2",
  "10.1.2.256",
  "010.1.2.3",
  "10.1.2.3/33",
  "10.1.2.3:0",
  "10.1.2.3:65536",
  "10.1.2.3:9-8",
  "10.1.2.3:1,2",
  "10.1.2.3/icmp",
  "2001:db8::/129",
  "2001:db8::1::2",
  "[10.1.2.3]:443x",
  "fe80::1%eth0",
  " 10.1.2.3",
])("refuses %j", (text) => {
  expect(parseDestination(text)).toBeNull();
});
