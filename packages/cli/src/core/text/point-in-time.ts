import { parseDuration } from "@berth/protocol/units";
import { UsageError } from "../usage-error.ts";

/** The moment that `10m` (ago) or a date means, in epoch ms. */
export function pointInTime(flag: string, text: string, now: number = Date.now()): number {
  const ago = parseDuration(text);
  if (ago !== null) return now - ago;
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return date;
  throw new UsageError(
    `Cannot read ${flag} "${text}": it is neither a time ago nor a date`,
    `Write it like ${flag} 10m, or ${flag} 2026-03-01T12:00:00Z`,
  );
}
