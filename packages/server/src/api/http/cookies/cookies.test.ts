import { describe, expect, it } from "vitest";
import { type Kept, readCookie } from "./cookies.ts";

const arrival = { isSecure: true, address: "192.0.2.1", host: "berth.example" };
const read = (cookie: string, kept: Kept) => readCookie({ headers: { cookie }, arrival }, kept);

describe.each<[Kept, string]>([
  ["session", "__Host-berth"],
  ["form", "__Host-berth-form"],
  ["attempt", "__Host-berth-attempt"],
])("the cookie of a login (%s) over TLS", (kept, name) => {
  it("is found between blanks of a header", () => {
    expect(read(`a=1; ${name}=own; b=2`, kept)).toBe("own");
    expect(read(` \t${name}\t = own\t`, kept)).toBe("own");
  });

  it("has no name but its own, byte for byte: browsers guard no other", () => {
    // Every byte that a header can hold, but for space and tab, and the semicolon and the sign that end a name.
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
      (byte) => !"\0\r\n\t ;=".includes(byte),
    );
    const taken = bytes.filter(
      (byte) => read(`${byte}${name}=put`, kept) !== null || read(`${name}${byte}=put`, kept) !== null,
    );
    expect(taken).toEqual([]);
    expect(read(`${name.toLowerCase()}=put`, kept)).toBeNull();
  });

  it("stays beside what another host has put there under nearly the same name", () => {
    expect(read(`\xa0${name}=put; ${name}=own`, kept)).toBe("own");
  });
});
