import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { hmacSha256 } from "./hmac.ts";

it.each([0, 1, 32, 63, 64, 65, 200])(
  "is the HMAC that everybody computes, with a key of %i bytes",
  (length) => {
    const key = Uint8Array.from({ length }, (_, index) => (index * 37 + 5) % 256);
    for (const text of ["", "a", "ünïcödé \u{1f600}", "x".repeat(5000)])
      expect(hmacSha256(key, text)).toBe(createHmac("sha256", key).update(text).digest("hex"));
  },
);

it("is that of RFC 4231, case 2", () => {
  expect(hmacSha256(Buffer.from("Jefe"), "what do ya want for nothing?")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});
