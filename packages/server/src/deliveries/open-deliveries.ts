import { systemClock } from "../lib/clock.ts";
import { reachOf } from "../outbound/reach.ts";
import { DeliveryKeeper, type KeeperOptions } from "./keeper.ts";

/** Nothing is sent before it is started. `allowed`: what of the closed addresses may be reached. */
export function openDeliveries(
  parts: Pick<KeeperOptions, "store" | "audit" | "secrets" | "whyHeld">,
  {
    allowed = [],
    events,
  }: {
    allowed: readonly string[] | undefined;
    events: { fault: KeeperOptions["report"]; deliveryTried?: KeeperOptions["tried"] };
  },
): DeliveryKeeper {
  return new DeliveryKeeper({
    ...parts,
    clock: systemClock,
    reach: reachOf(allowed, "BERTH_CALLBACKS_ALLOW"),
    report: events.fault,
    tried: (kind) => events.deliveryTried?.(kind),
  });
}
