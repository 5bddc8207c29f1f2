import { type Audit, entryOfServer } from "../../src/audit/audit.ts";
import type { AuditEntry } from "../../src/core/audit/record.ts";

/** What the server records of itself, for parts that are tried without the others. */
export const serverAudit: Pick<Audit, "ofServer"> = { ofServer: (what) => entryOfServer(what, Date.now()) };

export function sampleEntry(named: Partial<AuditEntry> = {}): AuditEntry {
  return {
    at: 1_800_000_000_000,
    account: "ann",
    door: "rest",
    credential: { kind: "token", id: "t1" },
    address: "192.0.2.1",
    requestId: "r1",
    verb: "create",
    resource: "bindings",
    name: "b1",
    outcome: "done",
    ...named,
  };
}

/** Finds every record, whatever it says. */
export const everyRecord = {
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
  cursor: null,
} as const;
