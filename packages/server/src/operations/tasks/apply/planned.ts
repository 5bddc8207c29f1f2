import type { AppliedItem, Definitions } from "@berth/protocol";
import type { Rule } from "../../../core/access/role.ts";
import type { FieldChange } from "../../../core/audit/record.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import type { AuditedStore, Store } from "../../../store/store.ts";
import type { Context } from "../../context.ts";
import type { DraftedStore } from "./drafts.ts";

/** What each kind is called among what is applied. */
export const listOf = {
  role: "roles",
  binding: "bindings",
  runner: "runners",
  task: "tasks",
  schedule: "schedules",
  webhook: "webhooks",
} as const satisfies Record<AppliedItem["kind"], keyof Definitions>;

/** What entries are planned with. */
export interface Planning {
  /** Reads what is planned as if it were there. */
  context: Context & { store: DraftedStore };
  caller: Caller;
  /** Rules of the roles that are planned. */
  roles: Map<string, readonly Rule[]>;
  /** So many are made new. */
  made: { role: number; binding: number };
}

export interface Plan extends Pick<AppliedItem, "name" | "action" | "from" | "to"> {
  changes: readonly FieldChange[];
  /** Does it, as one write; null where there is nothing to do. What it resolves with is null when it is done, else why it is not. */
  write:
    | ((audited: (record: Parameters<Store["audited"]>[0]) => AuditedStore) => Promise<Error | null>)
    | null;
  /** To be told of it once it is done. */
  tell: () => void;
}

export const unchanged = (name: string, version: number | null): Plan => ({
  name,
  action: "unchanged",
  from: version,
  to: version,
  changes: [],
  write: null,
  tell: () => undefined,
});
