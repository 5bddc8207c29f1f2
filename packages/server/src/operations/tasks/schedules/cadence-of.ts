import type { ScheduleSpec } from "@berth/protocol";
import { requestInvalid } from "../../../core/input/check.ts";
import { type Cadence, type CadenceSource, readCadence } from "../../../lib/text/cron.ts";

export function sourceOf({ cron, zone = "UTC" }: ScheduleSpec): CadenceSource {
  return { cron, zone };
}

/** When a schedule is due. Throws REQUEST_INVALID where it can never be. */
export function cadenceOf(spec: ScheduleSpec, now: number): Cadence {
  const read = readCadence(sourceOf(spec), now);
  if ("cadence" in read) return read.cadence;
  const { field, message } = read.problem;
  throw requestInvalid([{ field: `spec.${field}`, message }]);
}

/** Where a schedule of this cadence stands from this moment on. */
export function firstDue(spec: ScheduleSpec, now: number): number | null {
  return cadenceOf(spec, now).next(now);
}

/** Where one stands that says something else now: where it stood, unless its cadence is another one. */
export function movedTo(
  { before, after }: { before: ScheduleSpec; after: ScheduleSpec },
  now: number,
): { nextAt?: number | null } {
  const [was, is] = [sourceOf(before), sourceOf(after)];
  return was.cron === is.cron && was.zone === is.zone ? {} : { nextAt: firstDue(after, now) };
}
