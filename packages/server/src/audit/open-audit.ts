import type { Clock } from "../lib/clock.ts";
import type { AuditStore, ShippingStore } from "../store/audit-store.ts";
import { type Audit, entryOfCaller, entryOfServer } from "./audit.ts";
import { cutTrail } from "./cut.ts";
import { Notes } from "./notes.ts";
import { keepTrailShort } from "./retention.ts";
import { Shipping } from "./shipping/shipping.ts";
import type { Target } from "./shipping/target.ts";
import type { SharedKeys, Trail } from "./trail.ts";
import { verifyAudit } from "./verify.ts";

export interface OpenAuditOptions {
  store: { audit: AuditStore; shipping: ShippingStore };
  trail: Trail;
  /** Where the keys of other servers' trails are. Default: there are none. */
  sharedKeys?: Pick<SharedKeys, "all"> | null;
  clock: Pick<Clock, "now" | "setTimer">;
  report: (what: string, error: unknown) => void;
  /** Where records are shipped to. Default: nowhere. */
  targets?: readonly Target[];
  /** Longest wait before what could not be shipped is tried again. Default: a minute. */
  patienceMs?: number;
  /** How long records are kept. Default null: for ever. */
  keepForMs?: number | null;
}

/** Disposing it stores what was noted and waits. */
export function openAudit(options: OpenAuditOptions): Audit & AsyncDisposable {
  const { store, trail, clock, report, targets = [], patienceMs, keepForMs = null } = options;
  const learn = async (): Promise<void> => {
    if (options.sharedKeys) trail.learn(await options.sharedKeys.all());
  };
  const { audit } = store;
  const opening = new AsyncDisposableStack();
  const shipped = { audit, shipping: store.shipping, clock, report };
  const shipping = opening.use(
    new Shipping({ targets, ...shipped, ...(patienceMs !== undefined && { patienceMs }) }),
  );
  opening.defer(trail.onSealed(() => shipping.wake()));
  const notes = opening.use(new Notes({ audit, clock, report }));
  const keptFrom = (chain: string): Promise<number | null> => shipping.keptFrom(chain);
  const made: Audit = {
    entry: (caller, what) => entryOfCaller(caller, what, clock.now()),
    ofServer: (what) => entryOfServer(what, clock.now()),
    note: (entry) => notes.add(entry),
    verify: async (from) => {
      await learn();
      return await verifyAudit({ audit, trail }, from);
    },
    cut: async (before, entryOf) => {
      await learn();
      return await cutTrail({ audit, trail, keptFrom }, before, entryOf);
    },
    shipping: () => shipping.states(),
  };
  if (keepForMs !== null)
    opening.use(keepTrailShort({ audit: made, around: (at) => audit.around(at), keepForMs, clock, report }));
  return { ...made, [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose]() };
}
