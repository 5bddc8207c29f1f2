import { type LimitName, limitRows, type LimitRow, limitUnits } from "@berth/protocol";
import { type Key, key } from "./key.ts";
import { orNone, type Parser } from "../parsers.ts";

type Default = Key<{ value: number | null }>;

/** The limits and timeouts of jobs that name none, by the table of limits. */
export const jobDefaults = Object.fromEntries(
  limitRows.map((row) => [`default ${row.limit}`, defaultOf(row)]),
  // Made of the same rows as the type.
) as Record<`default ${LimitName}`, Default>;

function defaultOf(row: LimitRow): Default {
  const { name, default: text, always = false, about } = row.setting;
  const parser = parserOf(row);
  return key({
    env: `BERTH_DEFAULT_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
    yaml: `defaults.${name}`,
    parser: always ? { ...parser, parse: (written) => boxed(parser.parse(written)) } : orNone(parser),
    default: text,
    about,
  });
}

/** As a job's own, with the same bounds. */
function parserOf({ unit, least, most = Number.POSITIVE_INFINITY }: LimitRow): Parser<number> {
  const { parse, wanted } = limitUnits[unit];
  const from = least?.value ?? 0;
  return {
    wanted: withBounds(wanted, { least, most }),
    parse(text) {
      const value = parse(text);
      return value !== null && value >= from && value <= most ? value : null;
    },
  };
}

/** `a size like 512Mi` as `a size of 16Ki at least, like 512Mi`. */
function withBounds(wanted: string, { least, most }: { least: LimitRow["least"]; most: number }): string {
  if (least === undefined) return wanted;
  if (most !== Number.POSITIVE_INFINITY) return `${wanted} from ${least.shown} to ${most}`;
  return wanted.replace(" like", ` of ${least.shown} at least, like`);
}

function boxed(value: number | null): { value: number } | null {
  return value === null ? null : { value };
}
