import { type JobSpecInput, jobSpec } from "@berth/protocol";
import { z } from "zod";

/** A spec in which one field is as large as the contract permits, in one of the ways to be large. */
export interface LargestSpec {
  /** `files: many names`. */
  what: string;
  field: string;
  spec: JobSpecInput;
}

/** A way for a value to be large: `make` gives one of size `n`. */
interface Growth {
  how: string;
  make: (n: number) => unknown;
}

/** What the doors take: the HTTP body's limit leaves room for what JSON adds. */
const MOST_BYTES = 23 * 2 ** 20;

/** Texts that are the same to whoever takes any: of contents they are megabytes. */
const ANY_TEXTS = ["a", "\u0001", "\u20ac"];

/** Texts to grow: what is short for one reader is long for another. */
const TEXTS = ["a", "/a", "a/", "a*", "\u0001", "\u20ac"];
/** Beginnings and ends that make them fit what a field wants. */
const AROUND: [string, string][] = [
  ["", ""],
  ["/", ""],
  ["", "a"],
  ["/work", ""],
  ["a", "a"],
];

/** Every field of the contract at its largest; throws for a field whose values nobody here can make. */
export function largestSpecs(): LargestSpec[] {
  return Object.entries(jobSpec.options[0].shape).flatMap(([field, schema]) => {
    const accepts = (value: unknown): boolean =>
      Buffer.byteLength(JSON.stringify(value) ?? "") <= MOST_BYTES && z.safeParse(schema, value).success;
    const found = growthsOf(schema, field).flatMap(({ how, make }) => {
      const n = largest((size) => accepts(make(size)));
      return n === 0 ? [] : [{ what: `${field}: ${how}`, field, spec: { ...base(field), [field]: make(n) } }];
    });
    if (found.length === 0) throw new Error(`Cannot make a value of the field "${field}": teach this test`);
    return found as LargestSpec[];
  });
}

/** What it names is not there: a job with it is read, and refused before anything is stored. */
const REFUSED = ["archive"];

/** One spec with the largest value of each field that goes with the others. */
export function largestOfAll(all: readonly LargestSpec[]): JobSpecInput {
  let whole: Record<string, unknown> = { command: "true" };
  const bySize = all.toSorted((a, b) => JSON.stringify(b.spec).length - JSON.stringify(a.spec).length);
  for (const { field, spec } of bySize) {
    const next = { ...whole, [field]: spec[field as keyof JobSpecInput] };
    if (whole[field] === undefined && !REFUSED.includes(field) && fits(next)) whole = next;
  }
  return whole as JobSpecInput;
}

function base(field: string): { command?: string } {
  return field === "command" ? {} : { command: "true" };
}

function fits(spec: unknown): boolean {
  const text = JSON.stringify(spec);
  return (
    text.length <= MOST_BYTES && Buffer.byteLength(text) <= MOST_BYTES && jobSpec.safeParse(spec).success
  );
}

/** The largest size that is accepted, to a hundredth, 0 when none is. Finds the bound by doubling, then by halves. */
function largest(accepts: (size: number) => boolean): number {
  let good = 0;
  let bad = 1;
  while (bad <= MOST_BYTES && accepts(bad)) [good, bad] = [bad, bad * 2];
  while (bad - good > Math.max(1, good / 100)) {
    const middle = good + Math.floor((bad - good) / 2);
    if (accepts(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

function growthsOf(schema: z.core.$ZodType, field: string): Growth[] {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodObject) return [whole(bare)];
  if (bare instanceof z.ZodUnion) return bare.options.flatMap((option) => growthsOf(option, field));
  if (bare instanceof z.ZodRecord) return recordGrowths(bare, field);
  if (bare instanceof z.ZodArray) return arrayGrowths(bare);
  if (bare instanceof z.ZodString) return textGrowths(bare);
  return [{ how: "the largest", make: () => constantOf(bare) }];
}

/** Of each text the first way in which it fits the field. */
function textGrowths(schema: z.core.$ZodType): Growth[] {
  const fits = (value: string): boolean => z.safeParse(schema, value).success;
  const texts = z.safeParse(schema, "a".repeat(2 ** 20)).success ? ANY_TEXTS : TEXTS;
  const found = texts.flatMap((text): Growth[] => {
    const around = AROUND.find(([before, after]) =>
      [1, 2].every((n) => fits(before + text.repeat(n) + after)),
    );
    if (around === undefined) return [];
    const [before, after] = around;
    return [{ how: `${JSON.stringify(text)} again and again`, make: (n) => before + text.repeat(n) + after }];
  });
  if (found.length > 0) return found;
  if (fits("AAAA")) return [{ how: "base64", make: (n) => "AAAA".repeat(n) }];
  return [{ how: "the largest", make: () => constantOf(schema) }];
}

function arrayGrowths({ element }: z.ZodArray): Growth[] {
  return growthsOf(element, "").flatMap(({ how, make }) => {
    const most = largest((n) => z.safeParse(element, make(n)).success);
    const few: Growth = {
      how: `long ones of ${how}`,
      make: (n) => Array.from({ length: n }, () => make(most)),
    };
    const many: Growth = { how: `many of ${how}`, make: (n) => Array.from({ length: n }, () => make(1)) };
    return [few, many];
  });
}

function recordGrowths({ keyType, valueType }: z.ZodRecord, field: string): Growth[] {
  const value = firstFit(valueType);
  const keys = [
    (i: number) => `k${i}`,
    (i: number) => `${i}/${"d/".repeat(39)}f`,
    (i: number) => `${"d/".repeat(62)}${i}`,
  ];
  const many = keys
    .filter((key) => z.safeParse(keyType, key(1)).success)
    .map(
      (key): Growth => ({
        how: `many names like ${key(0).slice(0, 12)}`,
        make: (n) => Object.fromEntries(Array.from({ length: n }, (_, index) => [key(index), value])),
      }),
    );
  const long = growthsOf(valueType, field).map(
    ({ how, make }): Growth => ({ how: `one of ${how}`, make: (n) => ({ k: make(n) }) }),
  );
  const named = field === "env" ? [{ how: "PATH", make: (n: number) => ({ PATH: ":".repeat(n) }) }] : [];
  return [...many, ...long, ...named];
}

/** An object of the contract has few fields of bounded size: all of them at once. */
function whole(schema: z.ZodObject): Growth {
  const shape = schema.shape as Record<string, z.core.$ZodType>;
  const parts = Object.entries(shape).map(([name, part]) => {
    const [growth] = growthsOf(part, name);
    const n = growth ? largest((size) => z.safeParse(part, growth.make(size)).success) : 0;
    return [name, growth?.make(n)] as const;
  });
  const usable = parts.filter(([name, value]) => {
    const part = shape[name];
    return part !== undefined && z.safeParse(part, value).success;
  });
  if (Object.keys(shape).join() === "base64") {
    return { how: "base64", make: (n) => ({ base64: "AAAA".repeat(n) }) };
  }
  return { how: "all of it", make: () => Object.fromEntries(usable) };
}

/** Values of fields that are one of a few words, a number or a unit. */
const CONSTANTS = [
  "1000000",
  "64Gi",
  "60s",
  "1GiB/s",
  "none",
  "local",
  "discard",
  "stop",
  "tar",
  "0".repeat(64),
  "1",
  1_000_000,
  64,
  1,
];

function constantOf(schema: z.core.$ZodType): unknown {
  return CONSTANTS.find((value) => z.safeParse(schema, value).success);
}

function firstFit(schema: z.core.$ZodType): unknown {
  return ["", "a", ...CONSTANTS].find((value) => z.safeParse(schema, value).success);
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}
