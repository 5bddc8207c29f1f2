import { expect, it } from "vitest";
import { sampleEntry } from "../../test/support/sample-audit.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import type { AuditEntry } from "../core/audit/record.ts";
import { Notes } from "./notes.ts";

async function noted(addresses: readonly string[]): Promise<AuditEntry[]> {
  const stored: AuditEntry[] = [];
  const append = (entries: readonly AuditEntry[]): Promise<void> =>
    Promise.resolve(void stored.push(...entries));
  await using notes = new Notes({ audit: { append }, clock: createManualClock(), report: () => undefined });
  for (const address of addresses) notes.add(sampleEntry({ account: null, credential: null, address }));
  await notes[Symbol.asyncDispose]();
  return stored;
}

it("takes the addresses of one network of IPv6 for one caller, who has as many as he likes", async () => {
  const many = Array.from({ length: 50 }, (_, n) => `2001:db8:0:1::${n.toString(16)}`);
  expect(await noted(many)).toMatchObject([{ address: many[0] }, { count: 49 }]);
});

it("takes those of others, and each of IPv4, for themselves", async () => {
  const others = ["2001:db8:0:1::1", "2001:db8:0:2::1", "192.0.2.1", "192.0.2.2"];
  expect((await noted(others)).map(({ address }) => address)).toEqual(others);
});
