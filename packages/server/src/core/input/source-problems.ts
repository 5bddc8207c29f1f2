import type { Problem } from "@berth/protocol";

/** Which of these sources a spec names, what is wrong with that, and what of the spec is left to look at. */
export interface NamedSource {
  /** The first of those that it names, else of all there are. */
  source: string;
  rest: unknown;
  problems: Problem[];
}

/** A spec has exactly one source: one with none, or with several, is told so by their names. */
export function sourceProblems(names: readonly string[], value: unknown): NamedSource {
  const [first = ""] = names;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { source: first, rest: value, problems: [] };
  const spec = value as Readonly<Record<string, unknown>>;
  const [source, ...more] = names.filter((name) => spec[name] !== undefined);
  if (source === undefined) return { source: first, rest: spec, problems: [noneOf(names)] };
  const problems = more.map((field) => ({
    field,
    message: `cannot stand beside \`${source}\`: a job has exactly one source`,
  }));
  const rest = Object.fromEntries(Object.entries(spec).filter(([name]) => !more.includes(name)));
  return { source, rest: more.length === 0 ? value : rest, problems };
}

function noneOf(names: readonly string[]): Problem {
  const [only = "", ...others] = names;
  if (others.length === 0) return { field: only, message: "is missing: a job has exactly one source" };
  const all = names.map((name) => `\`${name}\``).join(", ");
  return { field: "body", message: `must have exactly one source, and has none: give one of ${all}` };
}
