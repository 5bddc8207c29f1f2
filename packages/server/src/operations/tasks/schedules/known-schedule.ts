import type { ScheduleState } from "../../../core/task/schedules.ts";
import type { Context } from "../../context.ts";
import type { Known } from "../definitions/find-definition.ts";

/** What a schedule says, and where it stands. */
export type KnownSchedule = Known<"schedule"> & { state: ScheduleState };

export async function withState(
  context: Pick<Context, "store">,
  schedule: Known<"schedule">,
): Promise<KnownSchedule> {
  const [known] = await withStates(context, [schedule]);
  return known ?? { ...schedule, state: unknown(schedule.name) };
}

export async function withStates(
  { store }: Pick<Context, "store">,
  schedules: readonly Known<"schedule">[],
): Promise<KnownSchedule[]> {
  const states = await store.schedules.states(schedules.map(({ name }) => name));
  const byName = new Map(states.map((state) => [state.name, state]));
  return schedules.map((one) => ({ ...one, state: byName.get(one.name) ?? unknown(one.name) }));
}

/** Of one that was deleted meanwhile. */
function unknown(name: string): ScheduleState {
  return { name, nextAt: null, lastAt: null, pausedAt: null, pausedWhy: null, refusals: 0 };
}
