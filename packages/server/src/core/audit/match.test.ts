import { expect, it } from "vitest";
import { type AuditMatch, matches } from "./match.ts";
import type { AuditEntry } from "./record.ts";

const entry: AuditEntry = {
  at: 1000,
  account: "ann",
  door: "rest",
  credential: null,
  address: "192.0.2.1",
  requestId: "r-1",
  verb: "update",
  resource: "networks",
  name: "office",
  outcome: "done",
};
const any: AuditMatch = {
  account: null,
  door: null,
  verb: null,
  resource: null,
  name: null,
  outcome: null,
  requestId: null,
  address: null,
  since: null,
  until: null,
};

it("meets every record where nothing is asked", () => {
  expect(matches(entry, any)).toBe(true);
});

it.each<[string, Partial<AuditMatch>, Partial<AuditMatch>]>([
  ["account", { account: "ann" }, { account: "bob" }],
  ["door", { door: "rest" }, { door: "grpc" }],
  ["verb", { verb: "update" }, { verb: "create" }],
  ["resource", { resource: "networks" }, { resource: "jobs" }],
  ["name", { name: "office" }, { name: "home" }],
  ["outcome", { outcome: "done" }, { outcome: "denied" }],
  ["request", { requestId: "r-1" }, { requestId: "r-2" }],
  ["address", { address: "192.0.2.1" }, { address: "192.0.2.2" }],
  ["first moment, itself included", { since: 1000 }, { since: 1001 }],
  ["last moment, itself excluded", { until: 1001 }, { until: 1000 }],
])("meets a record by its %s", (_what, itself, another) => {
  expect(matches(entry, { ...any, ...itself })).toBe(true);
  expect(matches(entry, { ...any, ...another })).toBe(false);
});

it("meets a record by all that is asked together", () => {
  expect(matches(entry, { ...any, account: "ann", verb: "create" })).toBe(false);
});
