import { describe, expect, it } from "vitest";
import { type AuditEntry, columnsOf, entryOf, textOf } from "./record.ts";

const entry: AuditEntry = {
  at: 1000,
  account: "ann",
  door: "rest",
  credential: { kind: "token", id: "t-1" },
  address: "192.0.2.1",
  requestId: "r-1",
  verb: "update",
  resource: "networks",
  name: "office",
  outcome: "done",
};

it("is looked up by what its text says", () => {
  expect(columnsOf(entry)).toEqual({
    at: 1000,
    account: "ann",
    door: "rest",
    credential: "token t-1",
    verb: "update",
    resource: "networks",
    name: "office",
    outcome: "done",
    request_id: "r-1",
    address: "192.0.2.1",
  });
  const bare = { ...entry, account: null, credential: null, name: null, requestId: null, address: null };
  expect(columnsOf(bare)).toMatchObject({ credential: null, request_id: null, name: null });
});

describe("its text", () => {
  it("says all of it", () => {
    const changed = { ...entry, count: 3, changes: [{ field: "names", before: ["a"], after: null }] };
    expect(entryOf(textOf(changed))).toEqual(changed);
  });

  it("leaves large values of a change out where it would be long, and keeps the small ones", () => {
    const long = "x".repeat(17_000);
    const changes = [
      { field: "names", before: [long], after: undefined },
      { field: "note", before: "y".repeat(254), after: "y".repeat(255) },
    ];
    expect(entryOf(textOf({ ...entry, changes })).changes).toEqual([
      { field: "names", before: "17004 characters" },
      { field: "note", before: "y".repeat(254), after: "257 characters" },
    ]);
  });

  it("is whole up to 16,384 characters, and where there is no change to shorten", () => {
    const changes = (size: number) => [{ field: "names", before: null, after: "x".repeat(size) }];
    const rest = textOf({ ...entry, changes: changes(0) }).length;
    const fits = textOf({ ...entry, changes: changes(16_384 - rest) });
    expect(fits).toHaveLength(16_384);
    expect(textOf({ ...entry, changes: changes(16_385 - rest) }).length).toBeLessThan(1000);
    expect(textOf({ ...entry, about: { why: "x".repeat(20_000) } })).toHaveLength(
      20_000 + textOf({ ...entry, about: { why: "" } }).length,
    );
  });

  it.each(["1", "null", '"text"', "{}", '{"at":1}', '{"verb":"create"}', "[]"])("is not %s", (text) => {
    expect(() => entryOf(text)).toThrow("no audit record");
  });
});
