import type { Store } from "../../store/store.ts";
import { DueTimer, type DueTimerOptions } from "./due-timer.ts";

type Fire = DueTimerOptions["fire"];

export interface TimersOptions extends Pick<DueTimerOptions, "report"> {
  store: Pick<Store, "schedules" | "retries">;
  /** Brings about what is due of a schedule, by its name. */
  schedule: Fire;
  /** Makes a run again, by the id of its job. */
  retry: Fire;
}

/** Of what is due by the clock. Nothing is looked for before they are started. */
export function openTimers({
  store,
  report,
  schedule,
  retry,
}: TimersOptions): Record<"schedules" | "retries", DueTimer> {
  return {
    schedules: new DueTimer({ what: "schedule", dates: store.schedules, report, fire: schedule }),
    retries: new DueTimer({ what: "retry", dates: store.retries, report, fire: retry }),
  };
}
