import { expect, it } from "vitest";
import { type Lookup, namesByAddress, readLookups, readLookupsByTurns, writeLookup } from "./lookups.ts";

const one: Lookup = {
  at: 5,
  name: "github.com",
  type: "A",
  outcome: "answered",
  addresses: ["1.1.1.1", "1.1.1.2"],
};

it("are read as they were written, but for lines that were cut off or are none", () => {
  const text = writeLookup(one) + writeLookup({ ...one, name: "a.b", outcome: "not-granted", addresses: [] });
  expect(readLookups(text)).toMatchObject([one, { name: "a.b", outcome: "not-granted" }]);
  expect(readLookups(`null\n[]\n{"at":1}\n${text.slice(0, -10)}`)).toEqual([one]);
  expect(readLookups("")).toEqual([]);
});

it("are read by turns with all else that a thread has to do, however many a job has made", async () => {
  const lookups = Array.from({ length: 1000 }, (_, n) => ({ ...one, name: `n${n}.org` }));
  let turns = 0;
  const count = (): void => {
    turns += 1;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const read = await readLookupsByTurns(lookups.map(writeLookup).join(""));
  clearImmediate(counting);
  expect(read).toEqual(lookups);
  expect(turns).toBeGreaterThanOrEqual(10);
});

it("tell the name that last led to an address, also where it was kept back", () => {
  const names = namesByAddress([
    one,
    { ...one, name: "other.org", addresses: ["1.1.1.2"] },
    { ...one, name: "bad.org", outcome: "closed", addresses: ["10.0.0.5"] },
    { ...one, name: "none.org", outcome: "failed", addresses: [] },
  ]);
  expect([...names]).toEqual([
    ["1.1.1.1", "github.com"],
    ["1.1.1.2", "other.org"],
    ["10.0.0.5", "bad.org"],
  ]);
});
