import { expect, it } from "vitest";
import { serverAudit } from "../../../test/support/sample-audit.ts";
import type { ShippingState } from "../../audit/audit.ts";
import { auditChecks } from "./audit-checks.ts";

const well = {
  target: "syslog",
  place: "tls://logs:6514",
  blocks: 0,
  behindMs: 0,
  tookAt: 595_000,
  fault: null,
};

async function checked(...states: ShippingState[]) {
  const none = () => Promise.reject(new Error("Nobody asks for it"));
  const audit = {
    ...serverAudit,
    entry: () => serverAudit.ofServer({ resource: "", verb: "", name: null }),
    note: () => undefined,
    verify: none,
    cut: none,
    shipping: () => Promise.resolve(states),
  };
  return await auditChecks({ audit, now: () => 600_000 });
}

it("says nothing where nothing is shipped", async () => {
  expect(await checked()).toEqual([]);
});

it("says that records arrive, that they are behind, or why they do not arrive and since when", async () => {
  const behind = { ...well, blocks: 7, behindMs: 600_000 };
  const standing = { ...behind, tookAt: 60_000 };
  const failing = { ...behind, blocks: 1, behindMs: 90_000, fault: { since: 0, why: "refused" } };
  expect(await checked(well, { ...behind, behindMs: 900 }, behind, standing, failing)).toMatchObject([
    { status: "ok", detail: "Every record gets to tls://logs:6514", fix: null },
    { status: "ok" },
    {
      name: "audit syslog",
      status: "warning",
      detail: "tls://logs:6514 is behind: 7 transactions of the last 10 minutes wait in the database",
    },
    {
      status: "missing",
      detail:
        "Nothing gets to tls://logs:6514 since 1970-01-01T00:01:00.000Z, and it says no word of why; 7 transactions of the last 10 minutes wait in the database",
    },
    {
      status: "missing",
      detail:
        "Nothing gets to tls://logs:6514 since 1970-01-01T00:00:00.000Z: refused; 1 transaction of the last 90 s wait in the database",
    },
  ]);
});
