import { describe, expect, it } from "vitest";
import { alternativeName, commonName, serverNameProblem } from "./names.ts";

it("the name of a principal is written as it is, whatever a directory would read it as", () => {
  for (const name of ["#1234", '"quoted"', "a, CN=admin", "a+b", " x"]) {
    expect(commonName(name).getField("CN")).toEqual([name]);
  }
});

describe("the name of a server", () => {
  it.each([
    "localhost",
    "a",
    "a-b.example",
    "BERTH.Example",
    "x1.2y",
    "127.0.0.1",
    "::1",
    "fe80::1",
    `${"a".repeat(63)}.b`,
    `${"a.".repeat(126)}a`,
  ])("may be %j", (name) => expect(serverNameProblem(name)).toBeNull());
  it.each([
    "",
    "-a",
    "a-",
    "a..b",
    ".a",
    "a.",
    "a_b",
    "a b",
    "*.example",
    "größe",
    "a\n",
    "[::1]",
    "127.0.0.1:80",
    `${"a".repeat(64)}.b`,
    `${"a.".repeat(126)}aa`,
  ])("may not be %j", (name) => expect(serverNameProblem(name)).toBe("must be a host name or an IP address"));
  it.each([
    ["127.0.0.1", { type: "ip", value: "127.0.0.1" }],
    ["::1", { type: "ip", value: "::1" }],
    ["Berth.Example", { type: "dns", value: "berth.example" }],
  ])("%j stands in the certificate as %j", (name, written) => expect(alternativeName(name)).toEqual(written));
});
