import { Cron } from "croner";

/** When something is due, by a cron expression in a time zone. All instants are epoch ms. */
export interface Cadence {
  /** The first one after this instant; null where there is none any more. */
  next(after: number): number | null;
  /** The first ones after this instant, in order. */
  nexts(after: number, count: number): number[];
  /** The last ones from `since` up to `until`, both included, in order; no more than `most`. */
  lastBetween(since: number, until: number, most: number): number[];
}

export interface CadenceSource {
  cron: string;
  /** A name of the IANA, as `Europe/Berlin`. */
  zone: string;
}

/** What stands for five fields. */
const nicknames = "@yearly @annually @monthly @weekly @daily @midnight @hourly".split(" ");

/** What keeps these from being a cadence, by field; an expression that is never due is none. */
export type CadenceProblem = { field: keyof CadenceSource; message: string };

export function readCadence(
  { cron, zone }: CadenceSource,
  now: number,
): { cadence: Cadence } | { problem: CadenceProblem } {
  const wrong = (field: keyof CadenceSource, message: string) => ({ problem: { field, message } });
  if (!isZone(zone)) return wrong("zone", 'must be a time zone like "Europe/Berlin"');
  const text = cron.trim();
  const fields = text.split(/\s+/);
  if (fields.length !== 5 && !nicknames.includes(text.toLowerCase()))
    return wrong("cron", `must be five fields like "30 2 * * *", or one of ${nicknames.join(", ")}`);
  try {
    const fixedTimeRule = isOfFixedTimes(fields) ? "no-wildcard" : "single-value";
    const cadence = cadenceOf(
      new Cron(fields.join(" "), { timezone: zone, paused: true, mode: "5-part", fixedTimeRule }),
    );
    if (cadence.next(now) === null) return wrong("cron", "must be due some day: there is no such day");
    return { cadence };
  } catch (error) {
    return wrong("cron", `must be a cron expression: ${reasonOf(error)}`);
  }
}

/** Of what was read before it was stored. */
export function cadenceOfStored(source: CadenceSource, now: number): Cadence | null {
  const read = readCadence(source, now);
  return "cadence" in read ? read.cadence : null;
}

/** Whether minutes and hours are said one by one: where clocks are changed, each is due as it is alone. */
function isOfFixedTimes(fields: readonly string[]): boolean {
  return fields.slice(0, 2).every((field) => /^[\d,]+$/.test(field));
}

function cadenceOf(cron: Cron): Cadence {
  return {
    next: (after) => cron.nextRun(new Date(after))?.getTime() ?? null,
    nexts: (after, count) => cron.nextRuns(count, new Date(after)).map((at) => at.getTime()),
    lastBetween(since, until, most) {
      // The instant itself is asked for too, and the search goes by whole seconds.
      const before = new Date(Math.floor(until / 1000) * 1000 + 1000);
      const found = cron.previousRuns(most, before).map((at) => at.getTime());
      return found.filter((at) => at >= since && at <= until).toReversed();
    },
  };
}

function isZone(zone: string): boolean {
  // Offsets, which the runtime takes as well, know no summer.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^CronPattern: /, "").slice(0, 200);
}
