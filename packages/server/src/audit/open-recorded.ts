import type { Clock } from "../lib/clock.ts";
import type { AuditStore, ShippingStore } from "../store/audit-store.ts";
import type { Seal } from "../core/audit/chain.ts";
import type { AuditEntry } from "../core/audit/record.ts";
import { type Audit, entryOfServer } from "./audit.ts";
import { openAudit } from "./open-audit.ts";
import { openTargets, type TargetSettings } from "./shipping/open-targets.ts";
import { takeUpTrail } from "./take-up.ts";
import { openTrail, type SharedKeys, type Trail } from "./trail.ts";

export interface RecordedOptions<Store> {
  dataDir: string;
  /** How long records are kept; null: for ever. */
  keepForMs: number | null;
  shipTo: TargetSettings;
  openStore: (trail: Trail) => Promise<Store>;
  /** Where the keys of several servers' trails are kept; null where there is one server. */
  sharedKeys: ((store: Store) => SharedKeys) | null;
  clock: Pick<Clock, "now" | "setTimer">;
  report: (what: string, error: unknown) => void;
}

/** A store, and what makes the records of what is written to it. Throws what opening the store throws, SETTINGS_INVALID. */
export async function openRecorded<
  Store extends { audit: AuditStore; shipping: ShippingStore } & AsyncDisposable,
>(options: RecordedOptions<Store>): Promise<{ store: Store; audit: Audit } & AsyncDisposable> {
  const { dataDir, keepForMs, shipTo, openStore, clock, report } = options;
  const targets = await openTargets(shipTo, { now: () => clock.now() });
  await using opening = new AsyncDisposableStack();
  const trail = opening.use(openTrail(dataDir, report));
  const store = opening.use(await openStore(trail));
  await takeUpTrail(store.audit, trail, () => clock.now());
  const sharedKeys = options.sharedKeys?.(store) ?? null;
  // Without it others cannot verify what is sealed here, and say so: no reason not to serve.
  await sharedKeys
    ?.keep(trail.seal, keyRecord(trail.seal, clock.now()))
    .catch((error: unknown) => report("Cannot share the key of the audit trail", error));
  const audit = opening.use(openAudit({ store, trail, sharedKeys, clock, report, targets, keepForMs }));
  const open = opening.move();
  return { store, audit, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() };
}

function keyRecord({ chain, keyId }: Seal, at: number): AuditEntry {
  return entryOfServer({ verb: "share", resource: "audit", name: chain, about: { key: keyId } }, at);
}
