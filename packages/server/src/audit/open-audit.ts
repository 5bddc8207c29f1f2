import type { Clock } from "../lib/clock.ts";
import type { AuditStore } from "../store/audit-store.ts";
import { type Audit, entryOfCaller, entryOfServer } from "./audit.ts";
import { Notes } from "./notes.ts";
import type { Trail } from "./trail.ts";
import { newestCut, verifyAudit } from "./verify.ts";

export interface OpenAuditOptions {
  audit: AuditStore;
  trail: Trail;
  clock: Pick<Clock, "now" | "setTimer">;
  report: (what: string, error: unknown) => void;
}

/** Disposing it stores what was noted and waits. */
export function openAudit({ audit, trail, clock, report }: OpenAuditOptions): Audit & AsyncDisposable {
  const notes = new Notes({ audit, clock, report });
  return {
    entry: (caller, what) => entryOfCaller(caller, what, clock.now()),
    ofServer: (what) => entryOfServer(what, clock.now()),
    note: (entry) => notes.add(entry),
    verify: (from) => verifyAudit({ audit, trail }, from),
    cutOf: (chain) => newestCut({ audit, trail }, chain),
    [Symbol.asyncDispose]: () => notes[Symbol.asyncDispose](),
  };
}
