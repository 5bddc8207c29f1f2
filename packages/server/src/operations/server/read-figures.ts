import type { JobState, Permission } from "@berth/protocol";
import type { ShippingState } from "../../audit/audit.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Standby } from "../../engines/engine.ts";
import type { Context, Scheduler } from "../context.ts";

/** What the server counts as of now: jobs by state, how full each engine is, whether it can run any, what stands ready, what is not shipped or sent yet. */
export interface Figures {
  jobs: Record<JobState, number>;
  slots: ({ engine: string } & ReturnType<Scheduler["slots"]>)[];
  engines: { engine: string; isReady: boolean }[];
  standby: ({ engine: string } & Standby)[];
  shipping: ShippingState[];
  pendingDeliveries: number;
}

/** Of whom it is asked: no operation of the contract, which speaks of what users do. */
export const toReadFigures: Permission = { resource: "server", verb: "read" };

export async function readFigures(
  { store, engines, scheduler, access, audit }: Context,
  { caller }: { caller: Caller },
): Promise<Figures> {
  await access.demand(caller, toReadFigures);
  const slots = [...engines.keys()].map((engine) => ({ engine, ...scheduler.slots(engine) }));
  const ready = [...engines.keys()].map((engine) => ({ engine, isReady: scheduler.readiness(engine).ready }));
  const standby = [...engines].map(([engine, one]) => ({ engine, ...one.standby() }));
  return {
    jobs: await store.jobs.counts(),
    slots,
    engines: ready,
    standby,
    shipping: await audit.shipping(),
    pendingDeliveries: await store.deliveries.pending(),
  };
}
