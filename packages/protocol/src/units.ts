/** Units as people write them. Every parser returns null when the text is not of its form. */

const SIZE = /^(\d+(?:\.\d+)?) ?([KMGTPE]i?)?B?$/;
const SIZE_FACTORS: Readonly<Record<string, number>> = {
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** `512Mi`, `10MiB`, `1.5G`, `4096` -> whole bytes. Binary suffixes are powers of 1024, others of 1000. */
export function parseSize(text: string): number | null {
  const match = SIZE.exec(text);
  if (!match) return null;
  const bytes = Math.round(
    Number(match[1]) * (match[2] === undefined ? 1 : (SIZE_FACTORS[match[2]] ?? Number.NaN)),
  );
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Why a text is no size, to go on after the name of its field. */
export function sizeProblem(text: string, like: string): string {
  return SIZE.test(text) ? "must be less than 8Pi" : `must be written like ${like}`;
}

/** `10MiB/s` -> bytes a second. */
export function parseRate(text: string): number | null {
  return text.endsWith("/s") ? parseSize(text.slice(0, -2)) : null;
}

/** Why a text is no rate, to go on after the name of its field. */
export function rateProblem(text: string, like: string): string {
  return text.endsWith("/s") ? sizeProblem(text.slice(0, -2), like) : `must be written like ${like}`;
}

const DURATION = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/;

/** Ten years. What is longer is a slip of the pen, and ends where dates end. */
export const longestDurationMs = 3650 * 86_400_000;

/** `90s`, `1h30m`, `250ms`, `1.5s` -> whole milliseconds, ten years at most. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  if (!match || text === "") return null;
  const [d, h, m, s, ms] = match.slice(1).map((part) => Number(part ?? 0));
  const total = Math.round(
    (d ?? 0) * 86_400_000 + (h ?? 0) * 3_600_000 + (m ?? 0) * 60_000 + (s ?? 0) * 1000 + (ms ?? 0),
  );
  return total <= longestDurationMs ? total : null;
}

/** Why a text is no duration, to go on after the name of its field. */
export function durationProblem(text: string, like: string): string {
  return text !== "" && DURATION.test(text)
    ? `must be at most ${longestDurationMs / 86_400_000}d, which is ten years`
    : `must be written like ${like}`;
}

/** `1.5`, `500m`, `50%` -> cores. */
export function parseCpu(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(m|%)?$/.exec(text);
  if (!match) return null;
  const cores = Number(match[1]) / (match[2] === "m" ? 1000 : match[2] === "%" ? 100 : 1);
  return Number.isFinite(cores) && cores > 0 ? cores : null;
}

/** 536870912 -> `512 MiB`; at most one decimal. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let shown = "B";
  for (const unit of ["KiB", "MiB", "GiB", "TiB", "PiB"]) {
    // What one decimal would round up to 1024 is one of the next unit.
    if (Number(value.toFixed(1)) < 1024) break;
    value /= 1024;
    shown = unit;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${shown}`;
}

/** 90500 -> `1m30s`, 1500 -> `1.5s`, 20 -> `20ms`. */
export function formatDuration(ms: number): string {
  // Each bound is what rounds up to one of the next unit.
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(1))}s`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value}${unit}`)
    .join("");
}
