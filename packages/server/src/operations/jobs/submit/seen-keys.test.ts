import { expect, it } from "vitest";
import { SeenKeys } from "./seen-keys.ts";

it("knows the keys that came lately, each owner's own, and forgets the oldest of very many", () => {
  const seen = new SeenKeys();
  expect([seen.note("ann", "k"), seen.note("ann", "k"), seen.note("bob", "k")]).toEqual([false, true, false]);
  for (let n = 0; n < 2000; n += 1) seen.note("ann", `k${n}`);
  expect([seen.note("ann", "k1999"), seen.note("bob", "k")]).toEqual([true, true]);
  for (let n = 0; n < 6000; n += 1) seen.note("ann", `later${n}`);
  expect(seen.note("ann", "k1999")).toBe(false);
});
