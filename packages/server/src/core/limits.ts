import {
  limitIn,
  type LimitName,
  limitRows,
  limitUnits,
  type JobSpec,
  type NamedLimit,
} from "@berth/protocol";

/** Who asked for a limit: a job's own that cannot be enforced is an error, an operator's default is recorded. */
type SetBy = "job" | "operator";

export interface Limit {
  value: number;
  by: SetBy;
}

/** Whose limit it is, in the words of sentences: most operators never set one. */
export function whoSet({ by }: Limit): string {
  return by === "job" ? "set by the job" : "the server's default";
}

/** The limits of one job in machine units, by the table of limits. null means: nobody set one. */
export type Limits = Record<Exclude<LimitName, "outputBytes">, Limit | null> & {
  outputBytes: Limit;
  overflow: "stop" | "discard";
};

/** What the operator sets for jobs that say nothing, in machine units; null sets none. */
export type LimitDefaults = Readonly<Record<Exclude<LimitName, "outputBytes">, number | null>> & {
  readonly outputBytes: number;
};

/** A job's limits: its own where it names one, else the operator's default. The spec was validated before. */
export function limitsOf(
  spec: Pick<JobSpec, "resources" | "timeouts" | "output">,
  defaults: LimitDefaults,
): Limits {
  const limits = eachLimit((row) => limitOf(row, { spec, otherwise: defaults[row.limit] }));
  // The last one always has a default.
  return { ...limits, overflow: spec.output?.overflow ?? "stop" } as Limits;
}

function limitOf(
  row: NamedLimit,
  { spec, otherwise }: { spec: object; otherwise: number | null },
): Limit | null {
  const own = limitIn(spec, row);
  const value = typeof own === "string" ? limitUnits[row.unit].parse(own) : own;
  if (typeof value === "number") return { value, by: "job" };
  return otherwise === null ? null : { value: otherwise, by: "operator" };
}

/** One value for each limit, by its name. */
export function eachLimit<Value>(make: (row: NamedLimit) => Value): Record<LimitName, Value> {
  return Object.fromEntries(limitRows.map((row) => [row.limit, make(row)])) as Record<LimitName, Value>;
}
