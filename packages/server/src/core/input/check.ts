import { BerthError, membersBySource, type Problem } from "@berth/protocol";
import type { z } from "zod";
import { closestName } from "../../lib/text/closest-name.ts";
import { type Crowded, crowdedFields } from "./crowded-fields.ts";
import { keysAt } from "./keys-at.ts";
import { sourceProblems } from "./source-problems.ts";

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** Nobody reads more; a list of a hundred thousand wrong arguments is not sent back. */
const MOST_PROBLEMS = 100;

/**
 * Validates `value`: the parsed value, or every wrong field at once. `prefix` names the part of the request
 * that is not the body: `query`.
 */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  { prefix = "" }: { prefix?: string } = {},
): { value: z.output<Schema> } | { problems: Problem[] } {
  const start = prefix === "" ? [] : [prefix];
  const members = membersBySource(schema);
  // The member is one of the schema's own.
  if (members !== undefined) return checkSource({ members, value }) as ReturnType<typeof check<Schema>>;
  const crowded = crowdedFields(schema, value);
  if (crowded.length > 0) return { problems: problemsOfCrowded(schema, value, { crowded, start }) };
  const result = schema.safeParse(value, { error: wording });
  if (result.success) return { value: result.data };
  // Cut first: each of them takes a look at all that would have been right.
  const issues = result.error.issues.slice(0, MOST_PROBLEMS);
  const problems = issues.flatMap((issue) => problemsOf(issue, { schema, start }));
  return { problems: problems.slice(0, MOST_PROBLEMS) };
}

/** By the member whose source the value names; with none or several, beside whatever else is wrong with it. */
function checkSource({
  members,
  value,
}: {
  members: Readonly<Record<string, z.ZodType>>;
  value: unknown;
}): { value: unknown } | { problems: Problem[] } {
  const { source, rest, problems } = sourceProblems(Object.keys(members), value);
  const checked = check(members[source] as z.ZodType, rest);
  if (problems.length === 0) return checked;
  const others = "problems" in checked ? checked.problems.filter(({ field }) => field !== source) : [];
  return { problems: [...problems, ...others] };
}

/** What is crowded is not looked into; everything else is, so that all that is wrong is told at once. */
function problemsOfCrowded(
  schema: z.ZodType,
  value: unknown,
  { crowded, start }: { crowded: readonly Crowded[]; start: PropertyKey[] },
): Problem[] {
  const rest = { ...(value as object), ...Object.fromEntries(crowded.map(({ name }) => [name, undefined])) };
  const others = check(schema, rest, { prefix: start.join(".") });
  const problems = crowded.map(({ name, most }) => ({
    field: fieldName([...start, name]),
    message: `must hold at most ${most} names`,
  }));
  return [...problems, ...("problems" in others ? others.problems : [])].slice(0, MOST_PROBLEMS);
}

/** The error that names the first wrong fields in its message and all of them in `problems`. */
export function requestInvalid(problems: readonly Problem[]): BerthError {
  const fields = problems.slice(0, 3).map(({ field, message }) => `${field} ${message}`);
  const more = problems.length > 3 ? `; and ${problems.length - 3} more` : "";
  return new BerthError("REQUEST_INVALID", `Cannot read the request: ${fields.join("; ")}${more}`, {
    problems,
  });
}

function problemsOf(issue: Issue, { schema, start }: { schema: z.ZodType; start: PropertyKey[] }): Problem[] {
  const path = [...start, ...issue.path];
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, issue.path);
      return issue.keys
        .slice(0, MOST_PROBLEMS)
        .map((key) => ({ field: fieldName([...path, key]), message: unknownKey(key, known) }));
    }
    case "invalid_union": {
      // One form fits in its outline, only its insides are wrong: these are what the writer wants to hear of.
      const fitting = issue.errors.filter(
        (branch) => !branch.some((one) => one.path.length === 0 && one.code === "invalid_type"),
      );
      const [branch] = fitting;
      if (branch === undefined || fitting.length > 1)
        return [{ field: fieldName(path), message: issue.message }];
      return branch.flatMap((one) =>
        problemsOf({ ...one, path: [...issue.path, ...one.path] }, { schema, start }),
      );
    }
    case "invalid_key":
      return issue.issues.map(({ message }) => ({ field: fieldName(path), message: `as a name ${message}` }));
    default:
      return [{ field: fieldName(path), message: issue.message }];
  }
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = closestName(key, known);
  return `is not known${meant === null ? "" : `: did you mean "${meant}"?`}`;
}

/** A path as one writes it in JavaScript: `args[3]`, `files["a b"].base64`; `body` for the whole. */
export function fieldName(path: readonly PropertyKey[]): string {
  let name = "";
  for (const part of path) {
    if (typeof part === "number") name += `[${part}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(String(part))) name += name === "" ? String(part) : `.${String(part)}`;
    else name += `[${JSON.stringify(part)}]`;
  }
  return name === "" ? "body" : name.slice(0, 300);
}

/** The house's wording for what the schemas do not word themselves. Values are never repeated: they may be secret. */
function wording(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      return `must be ${nameOf(issue.expected)}, not ${kindOf(issue.input)}`;
    case "invalid_union":
      return issue.input === undefined
        ? "is missing"
        : `must be ${unionOf(issue.errors)}, not ${kindOf(issue.input)}`;
    case "invalid_value":
      return `must be ${issue.values.length === 1 ? "" : "one of "}${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `must ${bound("at least", issue.origin, issue.minimum)}`;
    case "too_big":
      return `must ${bound("at most", issue.origin, issue.maximum)}`;
    case "invalid_format":
      return issue.format === "datetime" ? "must be a time like 2026-01-31T12:00:00Z" : undefined;
    default:
      return undefined;
  }
}

function bound(word: string, origin: string, limit: number | bigint): string {
  if (word === "at least" && limit === 1 && origin !== "number" && origin !== "int") return "not be empty";
  if (origin === "string") return `have ${word} ${limit} characters`;
  if (origin === "array") return `have ${word} ${limit} items`;
  return `be ${word} ${limit}`;
}

function unionOf(branches: readonly (readonly Issue[])[]): string {
  const expected = branches.flatMap(([first]) =>
    first?.code === "invalid_type" ? [nameOf(first.expected)] : [],
  );
  return expected.length === 0 ? "one of the forms that are described" : [...new Set(expected)].join(" or ");
}

function nameOf(type: string): string {
  const names: Record<string, string> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    object: "an object",
    record: "an object",
    array: "a list",
    nan: "a number",
  };
  return names[type] ?? type;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return Number.isInteger(value) ? "a number" : "a fraction";
  return nameOf(typeof value);
}
